"""Templates, style and script of the pages; a change of one makes what is published stale."""

from pathlib import Path

FILES = Path(__file__).parent
STATIC = ("site.css", "site.js")

"""Templates, style and script of the pages; a changed one makes the publication stale."""

from pathlib import Path

FILES = Path(__file__).parent
STATIC = ("site.css", "site.js")

"""A study as a code location of the UI."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

LOCATION = """\
- python_module:
    module_name: pipelines.locations
    attribute: {name}
    location_name: {name}
    working_directory: .
"""


def register_location(workspace: Path, name: str) -> bool:
    """Make a study a code location of its own in `workspace.yaml`; false where it is one."""
    text = workspace.read_text(encoding="utf-8") if workspace.exists() else "load_from:\n"
    if f"location_name: {name}\n" in text:
        return False
    # asked at every run: what it costs to import is spent where there is something to write
    from runtime.store import replace_text

    # entries of a list stand as far in as those that are there
    first = re.search(r"(?m)^( *)- ", text)
    entry = indent(LOCATION.format(name=name), first[1] if first else "  ")
    replace_text(workspace, (text if text.endswith("\n") else text + "\n") + entry)
    return True

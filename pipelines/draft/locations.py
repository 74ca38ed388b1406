"""A study as a code location of the UI, in `workspace.yaml`."""

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
    """Add a study to `workspace.yaml` as a code location; false if it is there already."""
    text = workspace.read_text(encoding="utf-8") if workspace.exists() else "load_from:\n"
    if f"location_name: {name}\n" in text:
        return False
    # called at every run, so import only if there is something to write
    from runtime.store import replace_text

    # indent new entries like the existing ones
    first = re.search(r"(?m)^( *)- ", text)
    entry = indent(LOCATION.format(name=name), first[1] if first else "  ")
    replace_text(workspace, (text if text.endswith("\n") else text + "\n") + entry)
    return True

"""`python -m tools.data_flow`: writes docs/data-flow.md; with `--check`, only compares."""

from __future__ import annotations

import gc
import sys

from declarations import load_study
from runtime.paths import STUDY
from runtime.store import replace_text
from tools.data_flow.page import TARGET, data_flow


def main() -> int:
    """Write the page of the committed study. Returns 1 if it differed."""
    gc.disable()  # collecting garbage takes a third of the time, and the process ends soon
    text = data_flow(load_study(STUDY))
    stale = not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != text
    if "--check" not in sys.argv[1:]:
        replace_text(TARGET, text)
        return 0
    return int(stale)


if __name__ == "__main__":
    raise SystemExit(main())

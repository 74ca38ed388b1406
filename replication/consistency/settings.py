"""What the audit assumes and which rules report, from `printed/audit.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from declarations import SpecError, Study
from declarations.documents import read_document

FILE = "audit.yaml"
KEYS = {"rules", "gap", "covering", "large", "respondents", "test_printed", "text"}
TEXT_KINDS = ("rows", "everyone", "at_most")


@dataclass(frozen=True)
class TextNumber:
    """A number of municipalities the text gives for a table of invitations.

    `counts`: `rows` all of them, `everyone` those where all answered, `at_most` those where at
    most `bound` answered.
    """

    id: str
    section: str
    table: str
    counts: str
    printed: int
    bound: int = 0


@dataclass(frozen=True)
class AuditSettings:
    """`gap`: how many at most leave one line of a question empty and answer what comes later.

    `covering`: overlapping groups of which everyone is in one level at least. `large`: from how
    many percentage points on a wrong figure is taken to change a conclusion. `respondents`: an
    order of shares that so many other answers in one group turn round is no conclusion.
    `test_printed`: whether print says by which test its stars and bounds were made.
    """

    off: frozenset[str] = frozenset()
    gap: int = 5
    covering: tuple[str, ...] = ()
    large: float = 5.0
    respondents: float = 1.0
    test_printed: bool = False
    text: tuple[TextNumber, ...] = field(default_factory=tuple)


def read_settings(study: Study) -> AuditSettings:
    """Settings of a study; defaults where it has no audit.yaml.

    Raises SpecError for keys, groups and tables that are not known.
    """
    path = study.folder / "printed" / FILE
    if not path.is_file():
        return AuditSettings()
    data: Any = read_document(path) or {}
    if not isinstance(data, Mapping) or set(data) - KEYS:
        raise SpecError(path, f"expected the keys {', '.join(sorted(KEYS))}")
    covering = tuple(map(str, data.get("covering") or ()))
    if unknown := set(covering) - set(study.group):
        raise SpecError(
            path, f"covering names {sorted(unknown)}, which study.yaml does not declare"
        )
    rules = data.get("rules") or {}
    wrong = [name for name, value in rules.items() if not isinstance(value, bool)]
    if wrong:
        raise SpecError(path, f"rules: {', '.join(map(str, wrong))}: expected on or off")
    return AuditSettings(
        off=frozenset(str(name) for name, on in rules.items() if not on),
        gap=int(data.get("gap", 5)),
        covering=covering,
        large=float(data.get("large", 5)),
        respondents=float(data.get("respondents", 1)),
        test_printed=bool(data.get("test_printed", False)),
        text=tuple(_text_number(entry, study, str(path)) for entry in data.get("text") or ()),
    )


def _text_number(entry: Any, study: Study, path: str) -> TextNumber:
    where = f"{path}: text {entry.get('id')}"
    if entry.get("counts") not in TEXT_KINDS:
        raise SpecError(where, f"counts is {entry.get('counts')!r}, expected one of {TEXT_KINDS}")
    if entry.get("table") not in study.table:
        raise SpecError(where, f"table {entry.get('table')!r} is not declared")
    return TextNumber(
        id=str(entry["id"]),
        section=str(entry.get("section", "")),
        table=str(entry["table"]),
        counts=str(entry["counts"]),
        printed=int(entry["printed"]),
        bound=int(entry.get("bound", 0)),
    )

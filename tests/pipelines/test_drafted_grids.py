"""`samspil init` recognises a grid by its choices and any shared part of its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from declarations import Study, load_study
from pipelines.draft.folder import draft_study
from tests.foreign import STRUCTURE, write_tables

SCALE = ["Meget enig", "Enig", "Uenig", "Meget uenig", "Ved ikke"]
LINES = ["Kvalitet", "Økonomi", "Nærhed"]
ASKED = "Hvor enig er du?"
Line = tuple[str, str, str, str]  # variable, question name, text, choice text


def drafted(folder: Path, lines: list[Line], scale: list[str] = SCALE) -> Study:
    """The study drafted from an export with these closed variables."""
    structure = [list(STRUCTURE)]
    structure += [[q, v, "Closed", "Single", text, "", choice] for v, q, text, choice in lines]
    labels = [[v, str(c), t] for v, *_ in lines for c, t in enumerate(scale, start=1)]
    data = [[v for v, *_ in lines]]
    data += [[str((at + k) % len(scale) + 1) for k in range(len(lines))] for at in range(10)]
    write_tables(folder / "download", (data, structure, labels), encoding="utf-8")
    return load_study(draft_study(folder / "download", folder, "ny", "1", None).folder)


def parted(separator: str) -> list[Line]:
    return [(f"s_{n}", f"s_{n}", f"{ASKED}{separator}{t}", "") for n, t in enumerate(LINES, 6)]


@pytest.mark.parametrize(
    ("lines", "label", "texts"),
    [
        (parted(" - "), ASKED, LINES),
        (parted(" – "), ASKED, LINES),
        (parted(" — "), ASKED, LINES),
        (parted("\n"), ASKED, LINES),
        (parted(": "), ASKED, LINES),
        (parted(" "), ASKED, LINES),
        ([(f"s_{n}", f"s_{n}", t, "") for n, t in enumerate(LINES, 6)], "s_6 - s_8", LINES),
        ([(f"s_6_{n}", f"s_6_{n}", t, "") for n, t in enumerate(LINES, 1)], "s_6", LINES),
        ([(f"s_6_{n}", f"s_6_{n}", t, "") for n, t in enumerate(LINES[:2], 1)], "s_6", LINES[:2]),
        ([(f"s_6_{n}", "s_6", ASKED, t) for n, t in enumerate(LINES, 1)], ASKED, LINES),
        ([(v, "q", t, "") for v, t in zip("axk", LINES, strict=True)], "a - k", LINES),
        ([(v, v, ASKED, "") for v in "axk"], ASKED, ["a", "x", "k"]),
    ],
)
def test_a_grid_is_known_by_what_its_lines_share(
    tmp_path: Path, lines: list[Line], label: str, texts: list[str]
) -> None:
    study = drafted(tmp_path, lines)
    (grid,) = study.questions
    assert grid.type == "grid"
    assert grid.label.da == label
    assert [item.label.da for item in grid.items] == texts
    (path,) = (study.folder / "questions").iterdir()
    assert "# guess: one question, because the choices" in path.read_text("utf-8")
    assert len(study.tables) == 1


def test_two_grids_side_by_side_stay_two(tmp_path: Path) -> None:
    lines = [(f"s_{n}", f"s_{n}", f"{'AB'[n > 8]} spørgsmål om noget? - {LINES[n % 3]}", "")
             for n in range(6, 12)]  # fmt: skip
    study = drafted(tmp_path, lines)
    assert [(q.type, q.label.da, len(q.items)) for q in study.questions] == [
        ("grid", "A spørgsmål om noget?", 3),
        ("grid", "B spørgsmål om noget?", 3),
    ]


@pytest.mark.parametrize(
    ("lines", "scale"),
    [
        # two of yes and no
        ([("s_6", "s_6", "Kvalitet", ""), ("s_7", "s_7", "Økonomi", "")], ["Ja", "Nej"]),
        # whole questions, be their first words the same
        ([("s_6", "s_6", "Hvad er din mors uddannelse?", ""),
          ("s_7", "s_7", "Hvad er din fars uddannelse?", "")], SCALE),
        # lines of two other questions, of which these are all there is
        ([("s_6", "s_6", "Hvor enig er du? - Kvalitet", ""),
          ("s_7", "s_7", "Hvor enig er I? - Økonomi", "")], SCALE),
        # names that do not run on
        ([("s_6", "s_6", "Kvalitet", ""), ("s_9", "s_9", "Økonomi", ""), ("x", "x", "Nær", "")],
         SCALE),
    ],
)  # fmt: skip
def test_questions_that_merely_share_a_scale_stay_apart(
    tmp_path: Path, lines: list[Line], scale: list[str]
) -> None:
    assert {q.type for q in drafted(tmp_path, lines, scale).questions} == {"single"}

"""`samspil init` reports parts of an export that do not fit together, and omits none."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from assets.clean.assets import steps
from assets.raw.errors import DataError
from assets.raw.structure import raw_frame
from assets.raw.wave_files import read_wave
from assets.step.lineage import lineage_markdown
from assets.tables.table_page import wording_markdown
from declarations import load_study
from pipelines.commands.raw_check import RawReport, check_wave
from pipelines.draft.columns.variables import DraftVariable
from pipelines.draft.folder import Drafted, draft_study
from pipelines.draft.grids import GridBlock, grid_texts
from tests.engine import engine
from tests.foreign import Table, tables, write_spss, write_tables

Change = Callable[[Table, Table, Table], None]


def draft(folder: Path, change: Change) -> Drafted:
    """A study drafted from the small export with a change."""
    data, structure, labels = tables()
    change(data, structure, labels)
    write_tables(folder / "download", (data, structure, labels))
    return draft_study(folder / "download", folder, "ny", "1", None)


def checked(drafted: Drafted) -> RawReport:
    return check_wave(load_study(drafted.folder), "1")


def with_column(data: Table, name: str, cells: Callable[[int], str]) -> None:
    data[0].append(name)
    for at, row in enumerate(data[1:]):
        row.append(cells(at))


def texts(drafted: Drafted) -> str:
    """Everything that was written for a researcher, with comments on one line."""
    files = sorted(drafted.folder.rglob("*.yaml"))
    return " ".join("\n".join(p.read_text("utf-8") for p in files).replace("\n# ", " ").split())


@pytest.mark.parametrize(
    ("name", "cell", "told"),
    [
        ("respondent", lambda at: f"R{min(at, 38)}", "repeats another line's on 1"),
        ("respondent", lambda at: f"R{at}" if at != 7 else " ", "is empty on 1"),
        ("E-mail", lambda at: f"p{min(at, 38)}@x.dk", "repeats another line's on 1"),
        ("nøgle", lambda at: f"k{max(at, 1)}", "repeats another line's on 1"),
        ("key", lambda at: f"k{at}" if at > 1 else "", "is empty on 2"),
    ],
)
def test_an_identifier_that_is_amiss_on_some_lines_is_passed_over_and_the_draft_runs(
    tmp_path: Path, name: str, cell: Callable[[int], str], told: str
) -> None:
    drafted = draft(tmp_path, lambda data, _, __: with_column(data, name, cell))
    study = load_study(drafted.folder)
    assert study.respondent_column is None
    assert any(
        told in doubt and "line numbers identify respondents" in doubt for doubt in drafted.doubts
    )
    assert told in texts(drafted)
    assert "a run would stop" not in checked(drafted).lines


def test_an_identifier_that_seldom_is_one_is_passed_over_and_told(tmp_path: Path) -> None:
    drafted = draft(tmp_path, lambda data, _, __: with_column(data, "id", lambda at: f"x{at % 9}"))
    assert load_study(drafted.folder).respondent_column is None
    assert any("id is named as an identifier but repeats" in doubt for doubt in drafted.doubts)


def test_lines_that_are_the_same_are_reported_where_nothing_tells_respondents_apart(
    tmp_path: Path,
) -> None:
    # rows 3 and 2 of the file: the second was answered, the first was not
    drafted = draft(tmp_path, lambda data, _, __: data.extend([list(data[2]), list(data[1])]))
    (doubt,) = [doubt for doubt in drafted.doubts if not doubt.startswith("no table")]
    assert doubt.startswith("1 lines with answers are the same in every cell as an earlier one")
    assert "is somebody in the file twice?" in texts(drafted)


@pytest.mark.parametrize("code", ["", "x", "1.5", "99999999999", "01"])
@pytest.mark.parametrize(("variable", "kind"), [("s_2", "single"), ("i_02", "grid")])
def test_a_label_without_a_code_leaves_a_closed_question_closed(
    tmp_path: Path, code: str, variable: str, kind: str
) -> None:
    drafted = draft(tmp_path, lambda _, __, labels: labels.append([variable, code, "Ubesvaret"]))
    study = load_study(drafted.folder)
    question = next(q for q in study.questions if variable in {i.variable for i in q.items})
    assert question.type == kind
    assert len(question.items) == (3 if kind == "grid" else 2)
    assert any("left out" in doubt and variable in doubt for doubt in drafted.doubts)
    assert f"labels of {variable} without a code that is a whole number" in texts(drafted)
    report = checked(drafted)
    assert {f.rule for f in report.findings} == {"label_code"}
    assert "a run would stop" not in report.lines


@pytest.mark.parametrize("form", ["delimited", "spss"])
def test_boxes_of_1_or_nothing_are_one_question_of_one_base(tmp_path: Path, form: str) -> None:
    data, structure, labels = tables()
    boxes = data[0][:4]
    if form == "delimited":
        for row in data[1:]:
            row[:4] = [cell if cell == "1" else "" for cell in row[:4]]
        given = write_tables(tmp_path / "download", (data, structure, labels))
    else:
        given = write_spss(tmp_path / "export.sav", {name: [0] for name in boxes})
    study = load_study(draft_study(given, tmp_path, "ny", "1", None).folder)
    question = study.question["v_1"]
    assert [item.variable for item in question.items] == boxes
    raw = raw_frame(read_wave(study.source_sheet("1")).dataset)
    assert not (raw[boxes] == "0").any(axis=None)
    with engine(read_wave(study.source_sheet("1")), study) as made:
        made.clean(b"key")
        made.answers()
        bases = made.cells(question).groupby("item").size()
    assert set(bases) == {sum("1" in row[:4] for row in data[1:])}
    assert check_wave(study, "1").findings == []


MAIL, NUMBER = "zlone.plantesen@zexample.dk", "121287-4321"


def test_a_column_named_as_a_person_is_reported_by_its_shape(tmp_path: Path) -> None:
    def change(data: Table, structure: Table, labels: Table) -> None:
        answered = [row[data[0].index("stato_2")] == "0" for row in data[1:]]
        names = [MAIL, f"x {NUMBER}", f"{MAIL}_closed", f"x {NUMBER} closed", f"m {MAIL}_1",
                 f"m {MAIL}_2", f"g {MAIL}_1", f"g {MAIL}_2", f"g {MAIL}_3"]  # fmt: skip
        for name in names:
            with_column(data, name, lambda at: "1" if answered[at] else "")
        for name in names[2:]:
            labels.extend([[name, "0", "Ikke valgt"], [name, "1", "Valgt"]])
        structure += [[f"m {MAIL}", name, "Closed", "Multiple", "", "", ""] for name in names[4:6]]
        structure += [[name, name, "Closed", "Single", "", "", ""] for name in names[6:]]
        labels += [[f"gone {MAIL}", "1", "Ja"], [names[2], NUMBER, "x"]]

    drafted = draft(tmp_path, change)
    assert any("no row in the structure: 'aaaaa.aaaaaaaaa" in doubt for doubt in drafted.doubts)
    study = load_study(drafted.folder)
    columns = [item.variable for item in study.items.values()]
    assert sum(MAIL in name or NUMBER in name for name in columns) == 9
    told = [*drafted.doubts, *study.question, *study.items]
    told += [str(path.relative_to(tmp_path)) for path in drafted.folder.rglob("*")]
    for path in drafted.folder.rglob("*.yaml"):
        # what remains is what the file is read by
        told.append(re.sub(r'variable: "[^"]*"', "", path.read_text("utf-8")))
    for asset in (asset for step in steps(study) for asset in step.assets):
        told.append(f"{asset.key} {asset.description} {asset.metadata}")
    told += [lineage_markdown(table, study) for table in study.tables]
    told += [str(wording_markdown(table, study)) for table in study.tables]
    told += checked(drafted).lines
    assert [text for text in told if "plantesen" in text or "121287" in text] == []


def test_a_closed_question_without_any_code_is_open_and_told(tmp_path: Path) -> None:
    def change(data: Table, structure: Table, labels: Table) -> None:
        with_column(data, "s_20", lambda _: "")
        structure.append(["s_20", "s_20", "Closed", "Single", "Aldrig besvaret", "", ""])

    before = draft(tmp_path / "a", lambda *_: None)
    drafted = draft(tmp_path / "b", change)
    assert load_study(drafted.folder).items["s_20"].type == "open"
    assert drafted.guesses == before.guesses + 1
    assert any("drafted as open: s_20" in doubt for doubt in drafted.doubts)


def test_codes_with_zeros_before_them_are_codes_as_cells_hold_them(tmp_path: Path) -> None:
    def change(data: Table, _: Table, labels: Table) -> None:
        for row in data[1:]:
            row[4] = row[4] and f"0{row[4]}"
        for row in labels:
            row[1] = f"0{row[1]}" if row[0] == "s_2" else row[1]

    drafted = draft(tmp_path, change)
    scale = load_study(drafted.folder).items["s_2"].scale
    assert [(code.code, code.value) for code in scale] == [(5, "05"), (1, "01"), (6, "06")]
    assert checked(drafted).findings == []


def test_what_is_described_but_has_no_column_is_reported(tmp_path: Path) -> None:
    def change(_: Table, structure: Table, labels: Table) -> None:
        structure.append(["s_21", "s_21", "Closed", "Single", "Mangler", "", ""])
        labels.append(["s_22", "1", "Ja"])

    drafted = draft(tmp_path, change)
    assert any("no column of the data set: s_21, s_22" in doubt for doubt in drafted.doubts)
    assert "no column of the data set: s_21, s_22" in texts(drafted)


def test_a_renamed_column_is_no_background_where_only_those_asked_filled_it(tmp_path: Path) -> None:
    def change(data: Table, _: Table, __: Table) -> None:
        data[0][4] = "s_55"

    drafted = draft(tmp_path, change)
    study = load_study(drafted.folder)
    assert study.items["s_55"].type == "open"
    assert study.background_columns == ()
    assert any("no column of the data set: s_2;" in doubt for doubt in drafted.doubts)
    assert any("no row in the structure: s_55;" in doubt for doubt in drafted.doubts)
    assert "only respondents have it" in texts(drafted)


@pytest.mark.parametrize("name", ["s_2 ", "S_2", " s_2"])
def test_blanks_and_capitals_do_not_part_a_column_from_its_description(
    tmp_path: Path, name: str
) -> None:
    def change(data: Table, _: Table, __: Table) -> None:
        data[0][4] = name

    drafted = draft(tmp_path, change)
    question = load_study(drafted.folder).questions[1]
    assert (question.type, question.items[0].variable.strip().lower()) == ("single", "s_2")
    assert len(question.items[0].codes) == 3
    assert "a run would stop" not in checked(drafted).lines


def test_a_closed_question_without_its_row_in_the_structure_stays_a_question(
    tmp_path: Path,
) -> None:
    def change(_: Table, structure: Table, __: Table) -> None:
        structure[:] = [row for row in structure if row[1] != "s_2"]

    drafted = draft(tmp_path, change)
    item = load_study(drafted.folder).items["s_2"]
    assert (item.type, len(item.codes)) == ("single", 3)
    assert load_study(drafted.folder).question["s_2"].asked == "all"
    assert "guess: a question, because it has labels" in texts(drafted)


def test_what_nothing_describes_is_not_counted_where_nothing_shows_what_it_is(
    tmp_path: Path,
) -> None:
    def change(data: Table, _: Table, labels: Table) -> None:
        for row in data:
            del row[10:15]  # the status flags
        labels[:] = [row for row in labels if not row[0].startswith("stato")]
        with_column(data, "nummer", lambda at: str(4000 + at))

    drafted = draft(tmp_path, change)
    assert load_study(drafted.folder).background_columns == ("nummer",)
    assert "nummer may be from the respondent list" in texts(drafted)
    assert "nobody answered" not in texts(drafted)


def test_another_file_in_place_of_the_data_set_is_an_error(tmp_path: Path) -> None:
    def change(data: Table, structure: Table, _: Table) -> None:
        data[:] = structure

    with pytest.raises(DataError, match="none of them described"):
        draft(tmp_path, change)
    assert not (tmp_path / "ny").exists()


def test_a_question_with_one_answer_only_is_reported(tmp_path: Path) -> None:
    def change(data: Table, structure: Table, labels: Table) -> None:
        for name, codes in (("s_80", "1"), ("s_81", "12")):
            with_column(data, name, lambda at, codes=codes: codes[at % len(codes)])  # type: ignore[misc]
            structure.append([name, name, "Closed", "Single", f"Question {name}?", "", ""])
            labels.extend([name, code, f"Answer {code}"] for code in codes)

    (found,) = [d for d in draft(tmp_path, change).doubts if d.startswith("one answer only")]
    assert found.startswith("one answer only, so its share is always 100 %: s_80; the item is a")


def grid(texts: list[str], choices: list[str], because: str = "texts") -> GridBlock:
    variables = [
        DraftVariable(
            name=f"v_{n}", question="v", closed=True, multiple=False, kind="Single", text=text,
            choice="", choice_text=choice, codes=(), cells=(), listed=True, parted=text,
        )
        for n, (text, choice) in enumerate(zip(texts, choices, strict=True))
    ]  # fmt: skip
    return GridBlock(tuple(variables), because)


@pytest.mark.parametrize(
    ("texts", "choices", "label", "lines"),
    [
        # the texts of choices tell the lines apart
        (["What?", "What?"], ["Tea", "Milk"], "What?", ["Tea", "Milk"]),
        (["Drinks: hot", "Drinks: cold"], ["Tea", "Milk"], "Drinks", ["Tea", "Milk"]),
        # one is empty, or two are the same: they do not
        (["Drinks: hot", "Drinks: cold"], ["Tea", ""], "Drinks", ["hot", "cold"]),
        (["Drinks: hot", "Drinks: cold"], ["Tea", "Tea"], "Drinks", ["hot", "cold"]),
        (["What?", "What?"], ["", ""], "What?", ["", ""]),
    ],
)
def test_lines_of_a_grid_have_the_texts_that_tell_them_apart(
    texts: list[str], choices: list[str], label: str, lines: list[str]
) -> None:
    assert grid_texts(grid(texts, choices)) == (label, lines)

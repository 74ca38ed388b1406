"""Forty mistakes in declarations: each is reported with file, line and entry, several in one run.

A mistake changes one place of a shipped file. A standard validator also refuses those that a schema
can see.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from declarations import SpecError
from declarations.errors import Mistake
from pipelines.commands.declaration_check import check_declarations
from tests.chain import STUDY
from tests.declarations.test_schema import kind_of, plain_yaml, validator

ACTORS, PARTNERS = "questions/14_civil_actors.yaml", "questions/16_partners.yaml"
INSPIRATION = "unnumbered/u_3_3_inspiration.yaml"
MODEL, SHEET = "models/m_3_1_policy_size.yaml", "waves/2015/source.yaml"
ERRATA, AUDIT, PROOFS = "printed/errata.yaml", "printed/audit.yaml", "proofs/claims.yaml"


@dataclass(frozen=True)
class Planted:
    """`old` is replaced by `new`.

    `at` is in the line that the message names (by default the first of `new`).

    `seen`: whether a schema can see the mistake. `more`: other mistakes that it causes.
    """

    file: str
    old: str
    new: str
    told: str
    seen: bool = True
    at: str = ""
    more: int = 0

    def apply(self, text: str) -> str:
        """The text with the mistake in the first place of `old`."""
        assert self.old in text, (self.file, self.old)
        return text.replace(self.old, self.new, 1)

    def line(self, text: str) -> int:
        """The line of the mistake in the changed text, from 1."""
        if self.at:
            return text.count("\n", 0, text.index(self.at)) + 1
        before = (STUDY / self.file).read_text(encoding="utf-8")
        place = before.index(self.old)
        pairs = enumerate(zip(self.old, self.new, strict=False))
        common = next((n for n, (a, b) in pairs if a != b), 0)
        return before.count("\n", 0, place + common) + 1


PLANTED = {
    # unknown entries
    "a misspelt entry": Planted(
        ACTORS, "reported: [table_4_1, table_4_2", "reportd: [table_4_1, table_4_2",
        "reportd: found an unknown entry", at="reportd",
    ),
    "a misspelt entry deep down": Planted(
        "study.yaml", "policy: suppress, k: 3", "policy: warn, k: 3, minimum_bas: 3",
        "disclosure.minimum_bas: found an unknown entry, expected one of covers, identifying",
    ),
    "an entry of another kind of group": Planted(
        "study.yaml", 'en: "Blue (V, K, O)", values', 'en: "Blue (V, K, O)", below: 3, values',
        "groups[bloc].levels[blue].below: found an unknown entry",
    ),
    "a misspelt coordinate": Planted(
        "tables/table_3_1.yaml", "cell: {item", "cell: {itme", "cell.itme: found an unknown entry",
        at="cell:",
    ),
    "an unknown key of the settings of the audit": Planted(
        AUDIT, "gap: 5", "gaps: 5", "gaps: found an unknown entry",
    ),
    "an unknown key of an erratum": Planted(
        ERRATA, "  rule: no_count", "  rule: no_count\n  likly: '1'",
        "likly: found an unknown entry", at="likly",
    ),
    "waves declared where they are folders": Planted(
        "study.yaml", "language_labels:", "waves: [2015]\nlanguage_labels:",
        "waves: found 'waves', expected no such entry: a wave is a folder below waves/",
    ),
    # missing entries
    "no id": Planted(PARTNERS, "id: partners\n", "", "id: found no such entry", at="order:"),
    "no policy": Planted(
        "study.yaml", "{policy: suppress, k: 3", "{k: 3", "disclosure.policy: found no such entry",
        at="disclosure: {k",
    ),
    "no fingerprint": Planted(
        PROOFS, "fingerprint: ", "# ", "fingerprint: found no such entry", at="claims:",
    ),
    "no outcome": Planted(MODEL, "outcome: ", "# ", "outcome: found no such entry", at="id: m_3"),
    "a coordinate that no line gives": Planted(
        "tables/table_4_1.yaml", "code: 4}", "decimals: 1}",
        "found None, expected code of column dont_know", seen=False, at="  - {key: local_orgs",
    ),
    "a tick box without its code": Planted(
        "questions/01_position.yaml", "variable: s_2, type: open", "variable: s_2, type: multiple",
        "items[position_other]: found 'position_other', expected a whole number as choice",
        seen=False, at="id: position_other",
    ),
    # wrong types
    "text for a number": Planted(
        ACTORS, "order: 14", "order: fourteen", "order: found 'fourteen', expected a whole number",
    ),
    "a truth value for a code": Planted(
        ACTORS, "{code: 2,", "{code: yes,",
        "scale[last_five_years].code: found True, expected a whole number",
    ),
    "a number for a label": Planted(
        ACTORS, 'en: "Civil actors collaborated with"', "en: 14", "label: found {'da':",
    ),
    "a text for a list": Planted(
        "models/defaults.yaml", "  bloc: [blue]", "  bloc: blue",
        "covariates.bloc: found 'blue', expected a list",
    ),
    "a share above one": Planted(
        "study.yaml", "confidence: 0.95             #", "confidence: 95             #",
        "conventions.significance.confidence: found 95, expected a number below 1",
    ),
    "a list for a mapping": Planted(
        "study.yaml", "notify: {file: .work/notifications.jsonl}", "notify: [x]",
        "notify: found ['x'], expected a mapping",
    ),
    "text for a number of rows": Planted(
        SHEET, "rows: 838", "rows: '838'",
        "files.dataset.rows: found '838', expected a whole number",
    ),
    # one of several
    "an unknown type of question": Planted(
        ACTORS, "type: grid", "type: gird",
        "type: found 'gird', expected one of single, grid, multiple, numeric, open",
    ),
    "an unknown kind of group": Planted(
        "study.yaml", "kind: map", "kind: mapp", "groups[bloc].kind: found 'mapp', expected one of",
    ),
    "an unknown statistic": Planted(
        "tables/table_3_1.yaml", "statistic: percent", "statistic: precent",
        "columns[pct].statistic: found 'precent', expected one of count, percent",
    ),
    "an unknown rule": Planted(
        "study.yaml", "  row_count:", "  row_counts:", "checks.row_counts: found 'row_counts'",
        seen=False,
    ),
    "a policy the rule cannot have": Planted(
        "study.yaml", "row_count: {policy: block", "row_count: {policy: quarantine",
        "checks.row_count: found 'quarantine', expected block or warn", seen=False,
    ),
    "another way of rounding": Planted(
        "study.yaml", "mode: half_up", "mode: half_even",
        "conventions.rounding.mode: found 'half_even', expected 'half_up'",
    ),
    "a state no report is in": Planted(
        MODEL, "states: vanishes", "states: explodes", "states: found 'explodes', expected one of",
    ),
    "a cron line of words": Planted(
        "study.yaml", '"0 6 * * *"', '"daily"',
        "schedule.cron: found 'daily', expected five fields", seen=False,
    ),
    "an origin that is none": Planted(
        SHEET, "origin: constructed", "origin: made", "origin: found 'made', expected one of",
    ),
    # references
    "an item that no question has": Planted(
        "tables/table_4_1.yaml", "item: actor_churches", "item: actor_church",
        "rows[churches].item: found 'actor_church', expected an item", seen=False,
    ),
    "a code the item has not": Planted(
        "tables/table_4_1.yaml", "code: 4}", "code: 7}",
        "columns[dont_know].code: found 7, expected a code of", seen=False,
    ),
    "a level the group has not": Planted(
        "tables/table_5_2.yaml", "level: highest}", "level: higher}",
        "rows[highest].level: found 'higher', expected a level of pressure_band", seen=False,
    ),
    "a group nobody declares": Planted(
        INSPIRATION, "bloc", "blocs", "rows.levels_of[5]: found 'blocs', expected a group",
        seen=False,
    ),
    "a question nobody declares": Planted(
        "unnumbered/u_6_2_value.yaml", "items_of: value", "items_of: values",
        "rows.items_of: found 'values', expected a question", seen=False,
    ),
    "a covariate without levels": Planted(
        MODEL, "states:", "covariates: [age]\nstates:", "covariates[1]: found 'age', expected a",
        seen=False,
    ),
    "a register column that is not declared": Planted(
        "study.yaml", "source: mayor_party", "source: mayor",
        "groups[bloc].source: found 'mayor', expected a name of frame.columns", seen=False,
    ),
    "a column that is not in the table": Planted(
        "tables/table_6_5.yaml", "of: [a, b], decimals", "of: [a, z], decimals",
        "columns[relative].of: found 'z', expected columns of the table", seen=False,
    ),
    "a group of the audit nobody declares": Planted(
        AUDIT, "covering: [area]", "covering: [field]", "covering[1]: found 'field'", seen=False,
    ),
    # twice
    "two items with one id": Planted(
        # tables, models and claims name the removed id
        ACTORS, "id: actor_housing", "id: actor_churches", "expected an id of its own", more=20,
        seen=False, at="id: actor_churches, variable: s_59",
    ),
    "two items of one column": Planted(
        ACTORS, "variable: s_56", "variable: s_55", "variable s_55 is also declared in",
        seen=False,
    ),
    "a code twice in a scale": Planted(
        PARTNERS, "{code: 2,", "{code: 1,", "expected each code once", seen=False,
    ),
    "a row twice": Planted(
        "tables/table_6_8.yaml", "{key: q2,", "{key: q1,", "rows[q1].key: found 'q1'", seen=False,
    ),
    "a group twice": Planted(
        "study.yaml", "id: pressure_half", "id: pressure_band",
        "groups[pressure_band].id: found 'pressure_band', expected an id of its own",
        # the levels of the other are unknown, and so is its id
        more=70, seen=False, at="id: pressure_band\n    label: {da: \"Udgiftspres, halvdele",
    ),
    "an entry twice": Planted(
        "questions/24_value.yaml", "order: 24", "order: 24\nid: values",
        "is not valid YAML: the key 'id' occurs twice", seen=False, at="id: values",
    ),
    "an erratum of no printed table": Planted(
        ERRATA, "table: table_3_4", "table: table_3_44",
        "table: found 'table_3_44', expected a table with figures in printed/", seen=False,
    ),
    "a share of no answers": Planted(
        "claims/chapter_4.yaml", "kind: mean", "kind: share",
        "of.codes: found None, expected the answers that count", seen=False,
        at="of: {item: collaborations}\n    is: 12",
    ),
    "half a checksum": Planted(
        SHEET, "sha256: d2fc2efd", "sha256: d2fc", "sha256: found 'd2fc",
    ),
    "a level twice": Planted(
        "study.yaml", "{key: red,", "{key: blue,", "levels[blue].key: found 'blue', expected each",
        seen=False,
    ),
    # what does not fit together
    "no wave between from and until": Planted(
        "questions/08_reasons.yaml", "until: 2015", "from: 2018, until: 2015",
        "until: found '2015', expected a wave from 2018 on", seen=False,
    ),
    "a wave in another's folder": Planted(
        SHEET, "wave: '2015'", "wave: '2016'", "wave: found '2016', expected the name",
        seen=False,
    ),
    "all codes as the outcome": Planted(
        MODEL, "codes: [1]", "codes: [1, 2, 3, 4, 5]", "expected some but not all of", seen=False,
    ),
    "a pattern that is none": Planted(
        "study.yaml", "'hjemløs|misbrug", "'(hjemløs|misbrug",
        "expected a regular expression of Python", seen=False,
    ),
}  # fmt: skip
assert len(PLANTED) >= 40
PRINTED = "printed/table_3_3.csv"
# all at once in `make test`, one by one in `make long`
MORE = {
    # names
    "a table with another id than its file": Planted(
        "tables/table_3_1.yaml", "id: table_3_1", "id: table_3_9",
        "id: found 'table_3_9', expected the name of the file, 'table_3_1'", seen=False,
    ),
    "a question with another id than its file": Planted(
        "questions/02_department.yaml", "id: department\n", "id: departments\n",
        "id: found 'departments', expected the name of the file, 'department'", seen=False,
        at="id: departments",
    ),
    "a model with another id than its file": Planted(
        "models/m_4_3_housing_size.yaml", "id: m_4_3_housing_size", "id: m_4_3_houses_size",
        "id: found 'm_4_3_houses_size', expected the name of the file", seen=False,
    ),
    "a study with another id than its folder": Planted(
        "study.yaml", "id: samspil", "id: samspill", "id: found 'samspill', expected the name of",
        seen=False,
    ),
    # text
    "a number for a section": Planted(
        "tables/table_3_2.yaml", 'section: "3.2"', "section: 5", "section: found 5, expected text",
    ),
    "a number for the section of a result": Planted(
        INSPIRATION, 'section: "3.3"', "section: 5", "section: found 5, expected text",
    ),
    "a label without a word": Planted(
        PARTNERS, "label: {da: \"", "label: {da: \" \", en: \"x\"} # ",
        "label: found {'da': ' ', 'en': 'x'}, expected a text that is not empty",
    ),
    # waves
    "a letter in a wave": Planted(
        "questions/24_value.yaml", "order: 24", "order: 24\nfrom: 2O18",
        "from: found '2O18', expected a wave named by its year, as 2015, 2018", seen=False,
        at="from: 2O18",
    ),
    "a digit too many in a wave": Planted(
        "study.yaml", '"2015": {days: 7}', '"20155": {days: 7}', "freshness.20155: found '20155'",
        seen=False, at="freshness:",
    ),
    "print of a wave that is none": Planted(
        "study.yaml", "printed_wave: 2015", "printed_wave: 2051",
        "conventions.printed_wave: found '2051', expected a wave of the study", seen=False,
    ),
    # what overlaps
    "two tables of one number": Planted(
        "tables/table_3_4.yaml", 'number: "3.4"', 'number: "3.3"',
        "number: found '3.3', expected a number of its own: tables/table_3_3.yaml has this one",
        seen=False,
    ),
    "two chapters of one name": Planted(
        "claims/chapter_8.yaml", 'chapter: "8"', 'chapter: "7"',
        "chapter: found '7', expected a chapter of its own: claims/chapter_7.yaml has", seen=False,
        # the chapters that are announced after this one
        more=5,
    ),
    "two levels that overlap": Planted(
        "study.yaml", "below: 50000", "below: 60000", "expected a number not yet in from_35000",
        seen=False, at="key: from_50000",
    ),
    "a level at another's place": Planted(
        "study.yaml", 'en: "High pressure", index: 1', 'en: "High pressure", index: 0',
        "levels[high].index: found 0, expected 1, its place among the levels", seen=False,
    ),
    "a code twice in an outcome": Planted(
        MODEL, "codes: [1]", "codes: [1, 1]", "outcome.codes[2]: found 1, expected each entry once",
    ),
    "all levels of a group as covariates": Planted(
        "models/defaults.yaml", "pressure_half: [high]", "pressure_half: [high, low]",
        "covariates.pressure_half: found ['high', 'low'], expected all levels except the reference",
        seen=False,
    ),
    "a column of the export for two things": Planted(
        "study.yaml", "municipality: kommune", "municipality: respondent",
        "export.municipality: found 'respondent', expected each column once", seen=False,
    ),
    # references
    "a question reported in no table": Planted(
        "questions/24_value.yaml", "reported: [table_6_3", "reported: [tabel_6_3",
        "reported[1]: found 'tabel_6_3', expected a table, or words", seen=False,
        at="reported: [tabel_6_3",
    ),
    "another register": Planted(
        SHEET, "name: municipalities.csv", "name: dataset.csv",
        "files.municipalities.name: found 'dataset.csv', expected 'municipalities.csv'",
        seen=False, more=1,
    ),
    # print
    "a printed figure with a letter": Planted(
        PRINTED, "Ja,57.7,71", "Ja,57.x,71", "printed: '57.x' is not a printed number",
        seen=False,
    ),
    "a printed base with a letter": Planted(
        PRINTED, "Ja,40.6,202", "Ja,40.6,2o2",
        "n: found '2o2', expected a whole number, or nothing", seen=False,
    ),
    "a likely figure with a letter": Planted(
        ERRATA, 'likely: "28.7"', 'likely: "2x.7"',
        "likely: found '2x.7', expected a printed number", seen=False,
    ),
    "a code twice in a claim": Planted(
        "claims/chapter_8.yaml", "codes: [1]", "codes: [1, 1]",
        "codes: found 1, expected each code once", seen=False,
    ),
    "constructed columns of no file": Planted(
        SHEET, "  municipalities.csv:", "  municipality.csv:",
        "constructed_columns.municipality.csv: found 'municipality.csv', expected a file of the",
        seen=False,
    ),
}  # fmt: skip
# what hides others of the same file or of other ones
ALONE = ("a level at another's place", "a column of the export for two things",
         "two levels that overlap", "a label without a word")  # fmt: skip
ALL = PLANTED | MORE


Plant = Callable[..., None]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the study without the data of waves."""
    folder = tmp_path_factory.mktemp("planted") / "samspil"
    shutil.copytree(STUDY, folder, ignore=shutil.ignore_patterns("dataset.csv", "structure.csv"))
    return folder


@pytest.fixture
def plant(study: Path) -> Iterator[Plant]:
    """Plants mistakes and removes them again."""
    before: dict[Path, str] = {}

    def planting(*mistakes: Planted) -> None:
        for one in mistakes:
            path = study / one.file
            before.setdefault(path, path.read_text(encoding="utf-8"))
            path.write_text(one.apply(path.read_text(encoding="utf-8")), encoding="utf-8")

    yield planting
    for path, text in before.items():
        path.write_text(text, encoding="utf-8")


def found_in(study: Path) -> tuple[Mistake, ...]:
    with pytest.raises(SpecError) as caught:
        check_declarations(study)
    assert str(caught.value).splitlines() == [str(one) for one in caught.value.mistakes]
    return caught.value.mistakes


def hits(found: tuple[Mistake, ...], planted: Planted, text: str) -> bool:
    """Whether the mistake is among those found, with its line."""
    return any(
        one.file == planted.file and one.line == planted.line(text) and planted.told in str(one)
        for one in found
    )


def test_the_study_as_it_is_has_no_mistake(study: Path) -> None:
    assert check_declarations(study).id == "samspil"


# each reads the whole study: every fourth in `make test`, all in `make long`
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if place % 4 == 0 and name in PLANTED else pytest.mark.long)
        for place, name in enumerate(ALL)
    ],
)
def test_a_mistake_is_reported_with_file_line_and_entry(
    study: Path, plant: Plant, name: str
) -> None:
    planted = ALL[name]
    plant(planted)
    text = (study / planted.file).read_text(encoding="utf-8")
    found = found_in(study)
    assert hits(found, planted, text), [str(one) for one in found]
    # nothing is reported that only follows from it
    assert len(found) <= 1 + planted.more, [str(one) for one in found]


@pytest.mark.parametrize("name", [name for name, one in ALL.items() if one.seen])
def test_what_a_schema_can_see_a_validator_refuses(study: Path, plant: Plant, name: str) -> None:
    planted = ALL[name]
    path = study / planted.file
    check = validator(kind_of(path, study))
    assert check.is_valid(plain_yaml(path.read_text(encoding="utf-8")))
    plant(planted)
    assert not check.is_valid(plain_yaml(path.read_text(encoding="utf-8")))


def test_many_mistakes_are_reported_in_one_go(study: Path, plant: Plant) -> None:
    names = (
        "no id", "text for a number of rows", "an unknown statistic",
        "an item that no question has", "a code the item has not", "a level the group has not",
        "a question nobody declares", "a row twice", "an unknown key of the settings of the audit",
        "an unknown key of an erratum", "no fingerprint", "a column that is not in the table",
        "all codes as the outcome", "a text for a list",
    )  # fmt: skip
    check_all(study, plant, [PLANTED[name] for name in names])


def test_more_mistakes_are_reported_in_one_go(study: Path, plant: Plant) -> None:
    check_all(study, plant, [one for name, one in MORE.items() if name not in ALONE])


def test_a_file_with_another_ending_is_not_overlooked(study: Path) -> None:
    path = study / "tables" / "table_9_9.yml"
    path.write_text("id: table_9_9\n", encoding="utf-8")
    try:
        (found,) = found_in(study)
    finally:
        path.unlink()
    assert str(found) == (
        "tables/table_9_9.yml: found an entry that nothing reads, expected files NAME.yaml"
    )


def check_all(study: Path, plant: Plant, planted: list[Planted]) -> None:
    plant(*planted)
    found = found_in(study)
    for one in planted:
        text = (study / one.file).read_text(encoding="utf-8")
        assert hits(found, one, text), (one.told, [str(mistake) for mistake in found])


def test_a_mistake_in_study_yaml_hides_none_within_another_file(study: Path, plant: Plant) -> None:
    """Only checks that need study.yaml wait until it can be read."""
    names = (
        "another way of rounding", "text for a number of rows", "no fingerprint",
        "an unknown key of an erratum", "an unknown key of the settings of the audit",
    )  # fmt: skip
    planted = [PLANTED[name] for name in names]
    plant(*planted)
    found = found_in(study)
    assert len(found) == len(planted), [str(one) for one in found]
    for one in planted:
        text = (study / one.file).read_text(encoding="utf-8")
        assert hits(found, one, text), (one.told, [str(mistake) for mistake in found])

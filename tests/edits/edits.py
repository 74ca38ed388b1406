"""Edits of a checkout, each with the assets that depend on it, listed by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.declarations.documented import of

STUDY = Path("studies") / "samspil"
QUESTION = STUDY / "questions"
TABLE = STUDY / "tables"
PRINTED = STUDY / "printed"

# what compares print with every table, or prints them all
ALL_TABLES = ("checks/reproduction", "report/published")
# printed marks, over all counts that round to print; a step with the fit of conventions
MARKS = ("proof/marks_under_rounding",)
CHAPTERS = ("chapter_2", "chapter_3", "chapter_4", "chapter_5", "chapter_6", "chapter_7",
            "chapter_8", "resume")  # fmt: skip
LEDGERS = tuple(f"claims/{chapter}" for chapter in CHAPTERS)
# the proofs of claims depend on all codes and all cells of print
CLAIMS = (*LEDGERS, "proof/bounds_of_claims")
# examines what is to be published, all of it
GATE = ("disclosure/items", "disclosure/suppression")
# published in one step, which depends on the code of most others
REPORT = tuple(f"report/{part}" for part in (
    *CHAPTERS, "appendix", "raw_and_clean", "answers", "checks", "published"))  # fmt: skip
# compares all labels and figures of print, so it depends on every declaration
AUDIT = (*(f"audit/{chapter}" for chapter in CHAPTERS), "audit/appendix", "audit/checked",
         "audit/pages")  # fmt: skip


FUTURE_GAIN = (
    '  - {code: 4, key: future_gain, da: "Gevinsten forventes at ligge længere ude i fremtiden", '
    'en: "Gain expected further in the future"}'
)
DONT_KNOW = """  - {code: 5, key: dont_know, da: "Ved ikke", en: "Don't know"}"""


def listed(stale: Iterable[str], every: Iterable[str]) -> set[str]:
    """The stale assets among all assets; `kind/*` means all assets of a kind."""
    kinds = {name.removesuffix("*") for name in stale if name.endswith("/*")}
    found = {key for key in every if key.startswith(tuple(kinds))}
    return found | {name for name in stale if not name.endswith("/*")}


# kinds with an asset for each declaration, and the assets of the other kinds
OF_DECLARATIONS = ("answers", "counts", "tables", "unnumbered", "models", "claims", "audit",
                   "report", "trends", "raw")  # fmt: skip
SINGLE = (
    "scan/deviations", "clean/municipalities", "clean/invitations", "clean/respondents",
    "clean/responsibilities", "clean/memberships", "checks/item_nonresponse",
    "checks/quarantine", "checks/convention_fit", "checks/convention_exceptions",
    "checks/reproduction", "proof/marks_under_rounding", "proof/bounds_of_claims", *GATE,
)  # fmt: skip


def of_ours(keys: Iterable[str]) -> set[str]:
    """Without assets that a developer added as docs/adding.md says; no edit speaks of them."""
    return {
        key
        for key in keys
        if key in SINGLE or key.startswith((*OF_DECLARATIONS, "significance", "tabulated"))
    }


@dataclass(frozen=True)
class Addition:
    """Declarations of docs/adding.md that the wave did not ask, with the assets they make stale."""

    headings: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def name(self) -> str:
        """What is added."""
        return ", ".join(self.headings)

    def apply(self, root: Path) -> None:
        """Write the blocks under the headings."""
        for block in of(*self.headings):
            if block.path.suffix == ".yaml":
                block.apply(root)


@dataclass(frozen=True)
class Edit:
    """A text in a file and its replacement; `stale` are exactly the assets that depend on it.

    Assets below one whose rows change are not listed: they become stale afterwards.
    """

    name: str
    file: Path
    before: str
    after: str
    stale: tuple[str, ...]
    trends: tuple[str, ...] = ()  # these depend on all waves, so `run --changed` skips them

    @property
    def of_code(self) -> bool:
        """Whether the edit changes a function."""
        return self.file.suffix == ".py"

    @property
    def of_wave(self) -> bool:
        """Whether the edit changes a file of the wave.

        Such a file is part of data versions, but of no code version.
        """
        return STUDY / "waves" in self.file.parents

    def apply(self, root: Path) -> None:
        """Write the file. Raises ValueError unless the text occurs exactly once."""
        path = root / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.before) != 1:
            raise ValueError(f"{self.file} has {self.before!r} {text.count(self.before)} times")
        path.write_text(text.replace(self.before, self.after), encoding="utf-8")


EDITS = (
    Edit(
        "label of an item",
        QUESTION / "18_initiation.yaml",
        'da: "Kommunen lader brugere stå for opgaver i et tilbud", '
        'en: "Municipality lets service users run tasks"',
        'da: "Kommunen lader brugere udføre opgaver", en: "Municipality lets users run tasks"',
        # the export's labels are compared with the declared ones, a check on the data set
        ("raw/dataset", "unnumbered/u_5_2_initiation", "scan/deviations", "report/published",
         *AUDIT),
        trends=("trends/forms", "trends/published"),
    ),
    Edit(
        "title of a table",
        TABLE / "table_5_2.yaml",
        "en: \"Users of municipal services may run tasks",
        "en: \"Users of services may run tasks",
        ("tables/table_5_2", "report/published"),
    ),
    Edit(
        "order of a code list",
        QUESTION / "25_economy.yaml",
        f"{FUTURE_GAIN}\n{DONT_KNOW}\n",
        f"{DONT_KNOW}\n{FUTURE_GAIN}\n",
        ("raw/dataset", "answers/economy", "counts/economy", "checks/quarantine",
         "tables/table_6_6", "unnumbered/u_6_3_economy", "scan/deviations", *CLAIMS,
         "report/published", *AUDIT, *GATE),
        trends=("trends/outcome", "trends/published"),
    ),
    Edit(
        "decimals of a table",
        TABLE / "table_4_1.yaml",
        "unit: respondents",
        "unit: respondents\ncell: {decimals: 2}",
        ("tables/table_4_1", *ALL_TABLES, *MARKS, *CLAIMS, *AUDIT),
    ),
    Edit(
        "a threshold of a rule",
        STUDY / "study.yaml",
        "routing: {policy: warn, threshold: 0} ",
        "routing: {policy: warn, threshold: 0.5} ",
        # what judges by it, and the page that shows it
        ("raw/dataset", "raw/rejected_rows", "checks/quarantine", "report/published"),
    ),
    Edit(
        "an erratum",
        PRINTED / "errata.yaml",
        'likely: "28.7"\n  rule: no_count',
        'likely: "28.8"\n  rule: no_count',
        # print, and with it what is proven of claims
        ("tables/table_3_4", "checks/reproduction", "checks/convention_fit",
         "checks/convention_exceptions", "report/published", *MARKS, *CLAIMS, *AUDIT),
    ),
    Edit(
        "a comment on print",
        PRINTED / "errata.yaml",
        "- table: table_3_4\n",
        "# another line\n- table: table_3_4\n",
        (),
    ),
    Edit(
        "a comment on words",
        STUDY / "claims" / "words.yaml",
        "significant: 0.05 ",
        "# another line\nsignificant: 0.05 ",
        (),
    ),
    Edit(
        "a printed figure",
        PRINTED / "table_5_2.csv",
        ",Som regel,2.2,45,",
        ",Som regel,4.4,45,",
        # compared with the table, which does not change
        ("tables/table_5_2", "checks/reproduction", "checks/convention_fit",
         "checks/convention_exceptions", "report/published", *MARKS, *CLAIMS, *AUDIT),
    ),
    Edit(
        "text of a statement",
        STUDY / "claims" / "chapter_2.yaml",
        'en: "Six chapters come after the introduction."',
        'en: "Six chapters follow the introduction."',
        ("claims/chapter_2", "proof/bounds_of_claims", "report/published", *AUDIT),
    ),
    Edit(
        "a share that another part of the report adds up",
        STUDY / "claims" / "chapter_5.yaml",
        "of: {item: placement, codes: [2]}\n    is: 17\n",
        "of: {item: placement, codes: [2]}\n    is: 18\n",
        ("claims/chapter_5", "claims/chapter_7", "claims/resume", "proof/bounds_of_claims",
         "report/published", *AUDIT),
    ),
    Edit(
        "an answer that excludes others",
        QUESTION / "23_measurement.yaml",
        "choice: 9, exclusive: true,",
        "choice: 9,",
        # a rule on the data set judges it
        ("raw/dataset", "answers/measurement", "report/published", *AUDIT, *GATE),
    ),
    Edit(
        "where a question is reported",
        QUESTION / "18_initiation.yaml",
        'reported: [table_5_1, table_5_2, "section 5.2"]',
        'reported: [table_5_1, "section 5.2"]',
        ("report/published", *AUDIT),
    ),
    Edit(
        "a confidence level of marks",
        STUDY / "study.yaml",
        "confidence: 0.95             #",
        "confidence: 0.9              #",
        ("significance/marks", "significance/conventions", "checks/convention_fit",
         "checks/convention_exceptions", "report/published", *MARKS, *LEDGERS, *AUDIT),
    ),
    Edit(
        "a word of claims",
        STUDY / "claims" / "words.yaml",
        "equal: {holds: [-5, 5], bears: [-7, 7]} ",
        "equal: {holds: [-1, 1], bears: [-7, 7]} ",
        (*CLAIMS, *AUDIT, "report/published"),
    ),
    Edit(
        "rows in a source sheet",
        STUDY / "waves" / "2015" / "source.yaml",
        "    rows: 838\n",
        "",
        # the rules that hold the files against the sheet are checks on it
        ("raw/dataset",),
    ),
    Edit(
        "a convention of trends",
        STUDY / "study.yaml",
        "adjust: holm",
        'adjust: "none"',
        ("report/published",),
        trends=tuple(f"trends/{part}" for part in (
            "role", "reasons", "actors", "forms", "outcome", "published")),
    ),
    Edit(
        "a statistic",
        Path("assets/statistics/descriptive.py"),
        "    return 100 * (first - second) / first",
        "    return 100 * (second - first) / first",
        # every module that imports it, directly or not; a version is of modules
        ("tables/*", "unnumbered/*", "significance/*", "scan/*", "claims/*", "audit/*", "proof/*",
         "disclosure/*", "checks/convention_fit", "checks/convention_exceptions",
         *REPORT),
    ),
    Edit(
        "a function that comes to the same",
        Path("assets/analysis/deviations.py"),
        '    return [group for group in study.groups if group.kind != "identity"]',
        '    own = study.groups\n    return [group for group in own if group.kind != "identity"]',
        ("scan/deviations", *REPORT, *GATE),
    ),
    Edit(
        "a comment",
        Path("assets/statistics/descriptive.py"),
        "def relative_difference(",
        "# another line\ndef relative_difference(",
        (),
    ),
)  # fmt: skip

QUESTION_ADDED = (
    "answers/volunteer_day",
    "counts/volunteer_day",
    "tables/table_2_1",
    *GATE,
    *REPORT,
)
ADDITIONS = (
    Addition(("A question of a later wave",), QUESTION_ADDED),
    Addition(("A question of a later wave", "A table"), (*QUESTION_ADDED, "tables/table_6_9")),
    Addition(
        ("A group from a register column",),
        # the new table has figures of this wave too, of an item that these chapters mention
        ("tables/table_5_10", "tables/table_2_1", "claims/chapter_5", "claims/chapter_7",
         "claims/chapter_8", "claims/resume", *GATE, *REPORT),
    ),
)  # fmt: skip

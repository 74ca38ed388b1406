"""The whole study: all declarations, with look-ups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from declarations.errors import SpecError, found_expected
from declarations.labels import Label
from declarations.model import mistake_at
from declarations.model.once import Once
from declarations.operation import Operation
from declarations.spans import ALWAYS, wave_order
from declarations.survey.background_columns import BackgroundColumn, ExportColumns, Frame
from declarations.survey.conventions import Conventions
from declarations.survey.disclosure import USUAL, Disclosure
from declarations.survey.groups import Group
from declarations.survey.questions import Item, Question, routed
from declarations.survey.rules import CATALOGUE, Policy, Rule
from declarations.survey.study_file import WAVES, Report
from declarations.survey.trend import MUNICIPALITY, TrendSettings
from declarations.tables.cells import TOTAL, Cell, Table
from declarations.tables.models import Models
from declarations.tables.unnumbered import UnnumberedFile
from declarations.tabulation.tabulation import Tabulation
from declarations.waves import SHEET, SourceSheet, read_source_sheet

INVITED = "invitations"
REGISTER = "municipalities"


@dataclass(frozen=True)
class Study(Once):
    """A declared survey. `folder` is the folder that the declarations were read from.

    `policies` has the policy of every rule that is not switched off.
    """

    id: str
    title: Label
    folder: Path
    policies: Mapping[str, Policy]
    questions: tuple[Question, ...]
    groups: tuple[Group, ...]
    tables: tuple[Table, ...]
    tabulation: Tabulation = field(default_factory=Tabulation)
    conventions: Conventions = field(default_factory=Conventions)
    frame: Frame | None = None
    export: ExportColumns = field(default_factory=ExportColumns)
    disclosure: Disclosure | None = None
    source: Report = field(default_factory=Report)
    """The report that the study belongs to."""
    operation: Operation = field(default_factory=Operation)
    models: Models = field(default_factory=Models)
    results: tuple[tuple[str, UnnumberedFile], ...] = ()
    """Results without a table, each with its file."""
    wave: str | None = None
    """The wave of these declarations (see `in_wave`); None: all waves."""
    every: tuple[Question, ...] = ()
    """The questions of all waves, if `questions` are those of one wave (see `in_wave`)."""
    declared: Study | None = None
    """The study as declared, if this is of one wave (see `in_wave`, `concerning`)."""

    @property
    def waves(self) -> tuple[str, ...]:
        """The wave folders with a source sheet, in order; read again at each call."""
        found = (sheet.parent.name for sheet in (self.folder / WAVES).glob(f"*/{SHEET}"))
        return tuple(sorted((n for n in found if not n.startswith(".")), key=wave_order))

    @property
    def whole(self) -> Study:
        """The study as declared for all waves."""
        return self.declared or self

    @property
    def printed_wave(self) -> str | None:
        """The wave of the printed report; None if the study has no report."""
        return self.conventions.printed_wave

    @property
    def main_wave(self) -> str:
        """The default wave: the printed one, else the last.

        A demonstration wave is the default only if there is no other. Raises SpecError if the study
        has no wave.
        """
        waves = self.waves
        if self.printed_wave in waves:
            return str(self.printed_wave)
        if not waves:
            raise SpecError(self.folder / WAVES, f"holds no wave (a folder with a {SHEET})")
        real = [wave for wave in waves if not self.source_sheet(wave).demonstration]
        return (real or waves)[-1]

    def in_wave(self, wave: str) -> Study:
        """The study as one wave asked it: only its items, with its wordings, columns and codes.

        Groups of a register column that the wave does not have are left out. Questions that the
        wave did not ask stay, without items. Tables stay as declared; `asks` says which of their
        cells the wave has.
        """
        known = self._by_wave.get(wave)
        if known is None:
            every = self.every or self.questions
            questions = routed(question.in_wave(wave) for question in every)
            known = self
            if questions != self.questions or self._register_changes:
                known = replace(
                    self, questions=questions, every=every, wave=wave, declared=self.whole
                )
                groups = filter(known.has_group, self.whole.groups)
                known = replace(known, groups=tuple(groups))
            self._by_wave[wave] = known
        return known

    @cached_property
    def _by_wave(self) -> dict[str, Study]:
        return {}

    def asks(self, cell: Cell) -> bool:
        """Whether the study has a cell's items, code and group (see `in_wave`).

        True for invitations and for differences of other columns, because these do not depend on a
        question.
        """
        if cell.item is None or cell.unit == INVITED:
            return True
        if cell.group in self.group and not self.has_group(self.group[cell.group]):
            return False
        if any(item not in self.items for item in (cell.item, *cell.base)):
            return False
        return cell.code in (TOTAL, *self.items[cell.item].codes)

    @cached_property
    def items(self) -> dict[str, Item]:
        """All items by id, in questionnaire order."""
        return {item.id: item for question in self.questions for item in question.items}

    @cached_property
    def question(self) -> dict[str, Question]:
        """Questions by id."""
        return {question.id: question for question in self.questions}

    @cached_property
    def group(self) -> dict[str, Group]:
        """Groups by id, also those that the wave does not have."""
        return {group.id: group for group in (*self.whole.groups, *self.groups)}

    @cached_property
    def table(self) -> dict[str, Table]:
        """Tables by id."""
        return {table.id: table for table in self.tables}

    @property
    def respondent_column(self) -> str | None:
        """The column of the identifier; without one the line number identifies a respondent."""
        return self.export.respondent

    @property
    def municipality_column(self) -> str | None:
        """The column that finds a respondent in the frame; None without a frame."""
        return self.export.municipality if self.has_frame else None

    @property
    def has_frame(self) -> bool:
        """Whether invitations are joined to a register."""
        return self.frame is not None

    @cached_property
    def register_columns(self) -> dict[str, str]:
        """The columns of the register by our names.

        For a wave, only those it has; empty without a register.
        """
        columns = {} if self.frame is None else self.frame.columns
        return {
            name: entry.column
            for name, entry in columns.items()
            if self.wave is None or entry.span.holds(self.wave)
        }

    def register_column(self, name: str) -> str:
        """The column of the register under our name, whether or not the wave has it."""
        assert self.frame is not None
        return self.frame.columns[name].column

    def has_group(self, group: Group) -> bool:
        """Whether the wave's register has the column that the group is read from."""
        declared = {} if self.frame is None else self.frame.columns
        # declared, but not in this wave
        return group.source not in declared or group.source in self.register_columns

    @property
    def _register_changes(self) -> bool:
        columns = {} if self.frame is None else self.frame.columns
        return any(entry.span != ALWAYS for entry in columns.values())

    @property
    def trend(self) -> TrendSettings | None:
        """How waves are compared; None if the study does not compare them."""
        trend = self.conventions.trend
        if trend is not None and self.has_frame and "clusters" not in trend.model_fields_set:
            return trend.model_copy(update={"clusters": MUNICIPALITY})
        return trend

    @property
    def status_flags(self) -> dict[str, tuple[str, ...]]:
        """The status flags by the status that they mean; empty if the export has no flags."""
        status = self.export.status
        return {} if status is None else {name: flags for name, flags in status if flags}

    @property
    def background_columns(self) -> tuple[str, ...]:
        """Columns of the respondent list that are not questions, in declared order."""
        listed = [self.respondent_column, self.municipality_column]
        listed += [column.name for column in self.background]
        return tuple(name for name in listed if name is not None)

    @cached_property
    def gate(self) -> Disclosure | None:
        """What results may disclose: as declared, or the default if a wave is real.

        None for a study of constructed waves that declares nothing.
        """
        if self.disclosure is not None:
            return self.disclosure
        return USUAL if any(map(self._may_be_real, self.waves)) else None

    def _may_be_real(self, wave: str) -> bool:
        try:
            return not self.source_sheet(wave).constructed
        except ValueError:
            # the code that reads the source sheet reports its mistakes
            return True

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that apply to the study and are not switched off, in the catalogue's order."""
        # Rules are checked for all waves: a wave without such an item cannot break the rule.
        items = [item for question in self.every or self.questions for item in question.items]
        has = {
            "": True,
            "frame": self.has_frame,
            "respondent": self.respondent_column is not None,
            "anonymous": self.respondent_column is None,
            "status": bool(self.status_flags),
            "exclusive": any(item.exclusive for item in items),
            "routing": any(item.condition for item in items),
        }
        return tuple(r for name, r in CATALOGUE.items() if name in self.policies and has[r.needs])

    @property
    def background(self) -> tuple[BackgroundColumn, ...]:
        """Further columns of the respondent list, with whether each is personal (the default)."""
        return self.export.background

    @property
    def harmless_columns(self) -> tuple[str, ...]:
        """Background columns that are declared as not personal. The cleaned tables contain them."""
        return tuple(column.name for column in self.background if not column.personal)

    @cached_property
    def counted_questions(self) -> tuple[Question, ...]:
        """Questions whose answers are counted: codes or numbers."""
        return tuple(question for question in self.questions if question.counted)

    def questions_of(self, table: Table) -> tuple[Question, ...]:
        """Questions that a table uses, in order of first use."""
        ids = dict.fromkeys(self.items[i].question for i in table.items if i in self.items)
        return tuple(self.question[question_id] for question_id in ids)

    def source_sheet(self, wave: str) -> SourceSheet:
        """The source sheet of a wave. Raises SpecError if it lacks a required file."""
        file = f"{WAVES}/{wave}/{SHEET}"
        sheet = read_source_sheet(self.folder / WAVES / wave, file)
        if self.has_frame and REGISTER not in sheet.files:
            problem = found_expected(list(sheet.files), f"a file `{REGISTER}`")
            raise SpecError.of([mistake_at(sheet.path, file, ["files"], problem)])
        return sheet

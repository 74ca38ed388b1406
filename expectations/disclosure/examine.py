"""Examines what a wave's publication would reveal, and lists the figures to hide."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd

from declarations import Study
from declarations.survey.disclosure import Disclosure
from declarations.tables.unnumbered import Unnumbered
from expectations.disclosure.attack import LearnedAnswer
from expectations.disclosure.block import AttackedFigures, BlockRespondent, Key, classes_below
from expectations.disclosure.outgoing import attack_units, outgoing_figures, variable_blocks
from expectations.disclosure.risk import no_risk, risk_words
from expectations.disclosure.suppress import PRIMARY, SECONDARY, Proposal, propose
from expectations.disclosure.tabulated import Tabulated
from replication.solver.program import Budget

ITEM_COLUMNS = (
    "items", "figures", "answers_before", "respondents_before", "unproven_before",
    "below_threshold", "primary", "secondary", "answers_after", "revealed_after", "unproven_after",
)  # fmt: skip
NOTHING = Tabulated()
SHARES = 5  # a block may use this many times its share of the remaining budget
TELL_SECONDS = 10.0
HIDDEN_COLUMNS = ("item", "answer", "group", "level", "role", "reason")
PUBLIC_COLUMNS = HIDDEN_COLUMNS[:4]


@dataclass(frozen=True)
class Examination:
    """A whole wave: participants, identifiable respondents, and a proposal per block."""

    settings: Disclosure
    everyone: Sequence[BlockRespondent]
    identifiable: Sequence[bool]
    proposals: tuple[Proposal, ...]
    risk: pd.DataFrame = field(default_factory=no_risk)

    @property
    def fine(self) -> bool:
        """Whether everything can be published unchanged."""
        return all(proposal.fine for proposal in self.proposals)

    @property
    def restored(self) -> bool:
        """Whether no answer follows after the proposed figures are hidden."""
        return all(proposal.after.safe for proposal in self.proposals)

    @property
    def hidden(self) -> set[Key]:
        """The figures to hide."""
        return {hidden.key for proposal in self.proposals for hidden in proposal.hidden}

    def roles(self, role: str) -> int:
        """The number of figures to hide as primary, or as secondary ones."""
        return sum(hidden.role == role for p in self.proposals for hidden in p.hidden)

    def lost(self, after: bool = False) -> tuple[int, int]:
        """The number of answers of identifiable respondents that follow.

        Also returns the number of these respondents.

        Undecided answers count as if they followed.
        """
        lines = [self._answers(p.block, p.after if after else p.before) for p in self.proposals]
        return sum(map(len, lines)), len({one for own in lines for one in own})

    def unproven(self, after: bool = False) -> int:
        """The number of these answers that could not be decided."""
        return sum(len((p.after if after else p.before).unproven) for p in self.proposals)

    def _answers(self, block: AttackedFigures, found: LearnedAnswer) -> list[int]:
        """Positions of identifiable respondents, once for each answer that follows."""
        lost = found.open_to(block.unanimous)
        return [
            place
            for signature, _ in lost
            for place, one in enumerate(self.everyone)
            if self.identifiable[place] and one.levels & block.levels == signature
            and (not block.all_answered or set(block.items) & set(one.answers))
        ]  # fmt: skip


def examine(
    study: Study,
    spoken: Sequence[Unnumbered],
    settings: Disclosure,
    everyone: Sequence[BlockRespondent],
    extra: Tabulated = NOTHING,
    report: Callable[[str], None] = lambda _: None,
) -> Examination:
    """Attack all results of a wave that are to be published. `study` is as the wave asked it.

    `extra` are the tables in the short form and the banner book. `report` gets the progress.
    """
    keys = outgoing_figures(study, spoken, settings) | extra.keys
    found = attack_units(study, keys, everyone, settings)
    found += variable_blocks(extra.variables, keys, everyone, settings)
    return Examination(
        settings,
        everyone,
        classes_below(everyone, settings.k),
        tuple(_proposals(found, settings, report)),
    )


def _proposals(
    found: Sequence[AttackedFigures], settings: Disclosure, report: Callable[[str], None]
) -> Iterator[Proposal]:
    """A proposal per block, within the declared work.

    Later blocks get the work that earlier ones did not use.
    """
    left, result, whole = float(settings.work), time.monotonic(), 0
    for number, block in enumerate(found):
        work = min(left, SHARES * left / (len(found) - number))
        spent = Budget(work)
        proposal = propose(block, settings, spent)
        left -= max(work - spent.left, 0.0)
        whole += proposal.whole
        if time.monotonic() - result > TELL_SECONDS:
            result = time.monotonic()
            report(
                f"disclosure: {number + 1} of {len(found)} items examined ({block.name}), "
                f"{left:.0f} of {settings.work} units of work left, {whole} items suppressed whole"
            )
        yield proposal


def item_frame(found: Examination) -> pd.DataFrame:
    """A line per block of items that are attacked together, in ITEM_COLUMNS."""
    lines = []
    for p in found.proposals:
        one = Examination(found.settings, found.everyone, found.identifiable, (p,))
        lines.append(
            (
                p.block.name,
                len(p.block.figures),
                *one.lost(),
                one.unproven(),
                len(p.threshold),
                one.roles(PRIMARY),
                one.roles(SECONDARY),
                one.lost(after=True)[0],
                len(p.after.revealed),
                one.unproven(after=True),
            )
        )
    frame = pd.DataFrame(lines, columns=list(ITEM_COLUMNS))
    return frame.astype(dict.fromkeys(ITEM_COLUMNS[1:], "int64") | {"items": "object"})


def hidden_frame(found: Examination) -> pd.DataFrame:
    """The figures to hide, in HIDDEN_COLUMNS. Not for readers: a reason may reveal the answer."""
    lines = [
        (*hidden.key, hidden.role, hidden.reason) for p in found.proposals for hidden in p.hidden
    ]
    return pd.DataFrame(lines, columns=list(HIDDEN_COLUMNS), dtype="object")


def examination_in_words(found: Examination) -> list[str]:
    """The results in words, one per line."""
    settings, (answers, people) = found.settings, found.lost()
    below = sum(len(p.threshold) for p in found.proposals)
    figures = sum(len(p.block.figures) for p in found.proposals)
    who = f"fewer than {settings.k} alike in {', '.join(settings.identifying) or 'nothing'}"
    if not settings.names_identifying:
        who = "everybody, as `identifying` is not declared"
    known = f"{sum(found.identifiable)} identifiable ({who})"
    lines = [
        f"{len(found.everyone)} respondents, {known}",
        f"{figures} figures of {len(found.proposals)} items ({', '.join(settings.covers)})",
        f"{answers} answers of {people} identifiable respondents follow from them",
        f"{below} figures are below the threshold",
    ]
    if len(found.risk):
        lines.append(f"lines of respondents: {risk_words(found.risk)}")
    if found.unproven():
        lines.append(
            f"{found.unproven()} of these answers could not be decided; they count as if they "
            "followed"
        )
    whole = [p.block.name for p in found.proposals if p.whole]
    if whole:
        lines.append(f"all figures of {len(whole)} items are to be suppressed: {', '.join(whole)}")
    if not found.fine:
        answers, people = found.lost(after=True)
        revealed = sum(len(p.after.revealed) for p in found.proposals)
        lines.append(
            f"suppressing {found.roles(PRIMARY)} primary and {found.roles(SECONDARY)} secondary "
            f"figures leaves {answers} answers of {people} respondents"
            + (f", and {revealed} hidden figures that can be computed" if revealed else "")
        )
    return lines

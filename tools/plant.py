"""`make misprints`: plants misprints one at a time, and measures the audit.

The kinds are: a digit changed, two digits exchanged, an N wrong by one of these, a different star
or bound of p, and a number in the prose. Digits and Ns in relations that are already broken are
drawn separately. For each misprint the tool records whether a new finding involves the figure,
whether a finding names this figure alone as the cause, and whether it gives the original figure.
For a missed misprint it counts the values that the figure could have with everything else as
printed.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from declarations import load_study
from declarations.claims.claim import every_claim
from replication.audit.constraint_index import Constraints
from replication.audit.findings import AuditFinding, all_constraints, chapter_of, explain
from replication.audit.repairs import candidates, other_marks
from replication.consistency.constraints import Constraint
from replication.consistency.printed_report import PrintedReport
from replication.consistency.reading import read_printed_report
from replication.consistency.references import CLAIM
from tools.misprints import BASE, KINDS, PROSE, STANDING, STAR, Misprint, misprint_places, misprints

NUMBER, SEED = 200, 2015
STUDY = Path("studies/samspil")
TARGET = Path("docs/misprints.md")

INTRODUCTION = """\
Made by `make misprints`: {number} misprints (seed {seed}), planted one by one in a copy
of the printed figures. *Found* means that the audit has a new or changed finding that involves
the figure. *Singled out* means that the finding names this figure, and no other, as the cause.
*Right figure* means that the finding also gives the figure as it was before, or as the audit of the
unchanged report gives it. [audit-method.md](audit-method.md) describes the method.

Digits, swaps, Ns and stars (including bounds of p) are drawn from everything printed. Numbers in
the prose are drawn from all {numbers} numbers of the text that have a statement in `claims/`.
{standing} figures and Ns, {bases} of them Ns, are in a relation that is broken as printed. The
other draws contain few of these, so they are also drawn separately."""
LIMITS = """The audit cannot find these misprints:

- a star, if the answers behind it are not printed;
- a number that the text gives once and that no table has, if it adds up with nothing and is in no
  order with anything, such as the share of one group;
- a misprint that gives a value which everything else allows;
- a number of the text that no statement in `claims/` covers."""
VALUES_LEFT = """\
*Values left* is the number of values that the figure could have with everything
else as printed. If it is 1, the figure follows from the others. If it is larger, a misprint that
was not found had one of these values."""


@dataclass(frozen=True)
class PlantedOutcome:
    """The result of the audit for a misprint.

    `named`: the figure that the audit gives as the only cause, if any. `left`: the number of values
    that the figure may have with everything else as printed, including its own. `reason`: why the
    misprint was missed, or why its figure was not the only cause.
    """

    misprint: Misprint
    found: bool
    singled: bool
    right: bool
    named: str
    left: int
    reason: str


def outcome_of(
    misprint: Misprint,
    report: PrintedReport,
    constraints: Constraints,
    broken: Sequence[Constraint],
    known: Sequence[AuditFinding],
) -> PlantedOutcome:
    """Plant one misprint and run the audit.

    `broken` are the constraints broken without it; `known` are the findings on them.
    """
    changed = misprint.planted(report)
    after = constraints.broken_after(changed, misprint.ref, broken)
    before = {(f.id, f.gives) for f in known}
    new = [f for f in explain(changed, constraints, after) if (f.id, f.gives) not in before]
    own = [f for f in new if misprint.ref in (*f.figures, *f.causes)]
    named = Counter(f.cause for f in new if len(f.causes) == 1)
    single = [f for f in own if f.causes == (misprint.ref,)]
    # A figure that is wrong in print counts as corrected if the audit gives the same value as
    # before.
    true = {misprint.before} | {f.likely for f in known if f.cause == misprint.ref and f.likely}
    right = any(f.likely.removeprefix("N = ") in true for f in single)
    left = values_left(misprint, report, constraints, {c.id for c in broken})
    return PlantedOutcome(
        misprint,
        found=bool(own),
        singled=bool(single),
        right=right,
        named=max(named, key=lambda ref: named[ref], default=""),
        left=left,
        reason=_reason(misprint, [set(f.causes) for f in own], bool(single), constraints),
    )


def values_left(
    misprint: Misprint, report: PrintedReport, constraints: Constraints, broken: set[str]
) -> int:
    """The number of values of the figure that break no constraint that holds now."""
    ref = misprint.ref
    own = [c for c in constraints.by_ref.get(ref, ()) if c.id not in broken]
    trials: Iterable[PrintedReport]
    if ref in report.marks:
        marks = (report.marks[ref], *other_marks(ref, report))
        trials = (report.with_mark(ref, mark) for mark in marks)
    elif ref in report.layout.claim:
        share = report.layout.claim[ref].kind == "share"
        most = 100 if share else max(report.numbers[b] for b in report.layout.bases)
        trials = (report.with_quote(ref, number) for number in range(most + 1))
    else:
        trials = (report.with_number(ref, value) for value in candidates(ref, report))
    own.sort(key=lambda c: len(c.refs))
    return sum(all(c.holds(trial) for c in own) for trial in trials)


def _reason(
    misprint: Misprint, causes: Sequence[set[str]], singled: bool, constraints: Constraints
) -> str:
    """Why a misprint was missed, or why its figure was not named as the only cause."""
    if singled:
        return ""
    rules = {c.rule for c in constraints.by_ref.get(misprint.ref, ())}
    if not causes:
        if misprint.kind == PROSE:
            if rules:
                return "the number fits everything it can be compared with"
            return "the text gives it once, and no printed figure has it"
        if misprint.kind == STAR:
            return "the answers behind the star are not printed: other p-values are possible"
        if misprint.kind == BASE:
            return "the figures of the row fit this N too"
        if rules <= {"no_count", "groups_total", "prose"}:
            return "the share is printed once, without the other answers"
        return "the planted figure also fits everything printed"
    if any(misprint.ref in cause for cause in causes):
        if misprint.kind == PROSE:
            return "stated in several places, any of which may be wrong"
        together = set.union(*causes)
        if any(ref.startswith(CLAIM) for ref in together):
            return "either the figure or a statement on it"
        return "several figures of one sum, any of which would explain it"
    return "another figure explains it as well or better"


@dataclass(frozen=True)
class FoundShare:
    """Outcomes of one kind, or of all."""

    name: str
    planted: int
    found: int
    singled: int
    right: int


def found_shares(
    outcomes: Sequence[PlantedOutcome], chapters: Callable[[str], str]
) -> list[FoundShare]:
    """Counts by kind and for all, separately for the chapters and the appendix."""

    def counted(name: str, own: Sequence[PlantedOutcome]) -> FoundShare:
        return FoundShare(
            name,
            len(own),
            sum(o.found for o in own),
            sum(o.singled for o in own),
            sum(o.right for o in own),
        )

    lines = [counted(kind, [o for o in outcomes if o.misprint.kind == kind]) for kind in KINDS]
    appendix = [o for o in outcomes if chapters(o.misprint.ref) == "appendix"]
    rest = [o for o in outcomes if chapters(o.misprint.ref) != "appendix"]
    return [
        *lines,
        counted("in the chapters", rest),
        counted("in the appendix", appendix),
        counted("all", outcomes),
    ]


def plant_misprints(report: PrintedReport, number: int, seed: int) -> list[PlantedOutcome]:
    """The outcomes of this many misprints."""
    constraints = all_constraints(report.layout)
    broken = constraints.broken(report)
    known = explain(report, constraints, broken)
    return [
        outcome_of(misprint, report, constraints, broken, known)
        for misprint in misprints(report, number, seed, known)
    ]


def page(report: PrintedReport, outcomes: Sequence[PlantedOutcome], seed: int) -> str:
    """The results as Markdown."""
    layout = report.layout
    constraints = all_constraints(layout)
    known = explain(report, constraints, constraints.broken(report))
    where = misprint_places(report, known)

    def chapter(ref: str) -> str:
        return chapter_of(ref, layout)

    lines = [
        "# Planted misprints",
        "",
        INTRODUCTION.format(
            number=len(outcomes),
            seed=seed,
            numbers=len(where[PROSE]),
            standing=len(where[STANDING]),
            bases=sum(ref in layout.bases for ref in where[STANDING]),
        ),
        "",
        "| misprint | planted | found | singled out | right figure |",
        "|---|---|---|---|---|",
    ]
    for share in found_shares(outcomes, chapter):
        parts = [f"{n} ({n / share.planted:.0%})" if share.planted else "0"
                 for n in (share.found, share.singled, share.right)]  # fmt: skip
        lines.append(f"| {share.name} | {share.planted} | {' | '.join(parts)} |")
    blamed = sum(
        not o.singled and o.named not in ("", o.misprint.ref) and not o.named.startswith(CLAIM)
        for o in outcomes
    )
    lines += [
        "",
        f"In {blamed} of {len(outcomes)} the audit names another figure as the only cause.",
        "",
        "## Why not",
        "",
        "| | misprints | values left (median) |",
        "|---|---|---|",
    ]
    for missed, title in ((True, "not found"), (False, "found, not singled out")):
        own = [o for o in outcomes if o.reason and o.found is not missed]
        for reason, number in sorted(Counter(o.reason for o in own).items()):
            left = sorted(o.left for o in own if o.reason == reason)
            lines.append(f"| {title}: {reason} | {number} | {left[len(left) // 2]} |")
    lines += [
        "",
        VALUES_LEFT,
        "",
        LIMITS,
        "",
        "## Every misprint",
        "",
        "| figure | printed | planted | found | cause named | values left |",
        "|---|---|---|---|---|---|",
        *(_line(o) for o in outcomes),
    ]
    return "\n".join(lines) + "\n"


def _line(o: PlantedOutcome) -> str:
    m = o.misprint
    found = "right figure" if o.right else "singled out" if o.singled else "found"
    named = "this figure" if o.named == m.ref else o.named
    texts = [_code(m.ref), _code(m.before), _code(m.after), found if o.found else "no"]
    return f"| {' | '.join([*texts, _code(named) if ':' in named else named, str(o.left)])} |"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure on the committed report and write the results to docs/."""
    parser = argparse.ArgumentParser(prog="python -m tools.plant")
    parser.add_argument("--number", type=int, default=NUMBER)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--root", type=Path, default=Path())
    options = parser.parse_args(arguments)
    study = load_study(options.root / STUDY)
    report = read_printed_report(study, every_claim(study))
    outcomes = plant_misprints(report, options.number, options.seed)
    text = page(report, outcomes, options.seed)
    if (options.number, options.seed) == (NUMBER, SEED):
        (options.root / TARGET).write_text(text, encoding="utf-8")
    print(text.partition("\n## Every misprint")[0])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""The results of a wave's checks, stored in the working file for the page of checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from assets.clean.balances import Balance
from assets.raw.rules.judge import PASSED, STOPPED, RuleResult, outcome
from declarations import Question, Study
from declarations.survey.rules import Policy, Rule
from expectations.scales import ScaleResult
from runtime.store import Store

EXAMPLES = 5
SCHEMA = "checked"
RULES, MESSAGES, BALANCES = "rules", "messages", "balances"
BALANCE = ("name", "numbers", "outcome")


@dataclass(frozen=True)
class RuleRecord:
    """A rule with its result; `outcome` is empty if it has not run."""

    rule: Rule
    policy: Policy
    checked: int = 0
    found: int = 0
    share: float = 0.0
    outcome: str = ""
    worst: str = ""
    examples: tuple[str, ...] = ()

    @property
    def more(self) -> int:
        """The number of findings beyond the examples."""
        return self.found - len(self.examples)


@dataclass(frozen=True)
class SuiteRecord:
    """The suite of one question: answers checked, answers outside the scale."""

    question: Question
    expectations: tuple[str, ...] = ()
    checked: int = 0
    outside: int = 0
    outcome: str = ""


@dataclass(frozen=True)
class Record:
    """All check results of a wave so far."""

    files: tuple[dict[str, Any], ...] = ()
    rules: tuple[RuleRecord, ...] = ()
    suites: tuple[SuiteRecord, ...] = ()
    balances: tuple[dict[str, Any], ...] = field(default=())


def keep_results(store: Store, results: list[RuleResult]) -> None:
    """Replace the stored results of the rules.

    If they stop the run, stored results of later checks belong to another run and are removed.
    Otherwise they stay until those checks run again, as `--changed` does when something changed for
    them.
    """
    stopped = any(result.outcome == STOPPED for result in results)
    rules = [(v.rule.name, v.checked, v.found, v.share, v.outcome, _worst(v)) for v in results]
    messages = [(v.rule.name, finding.text()) for v in results for finding in v.findings[:EXAMPLES]]
    names = ["rule", "checked", "found", "share", "outcome", "worst"]
    store.write(
        {
            (SCHEMA, RULES): pd.DataFrame(rules, columns=names),
            (SCHEMA, MESSAGES): pd.DataFrame(messages, columns=["rule", "text"], dtype="object"),
        },
        instead_of=SCHEMA if stopped else None,
    )


def keep_suites(store: Store, results: list[ScaleResult], *, stopped: bool = False) -> None:
    """Replace the results of the suites that ran. If they stop the run, balances are removed."""
    balances = {(SCHEMA, BALANCES): pd.DataFrame(columns=list(BALANCE), dtype="object")}
    store.write(
        (balances if stopped else {})
        | {
            (SCHEMA, f"suite_{result.question}"): pd.DataFrame(
                {
                    "expectation": result.expectations,
                    "checked": result.checked,
                    "outside": result.outside,
                }
            )
            for result in results
        }
    )


def keep_balances(store: Store, balances: list[Balance]) -> None:
    """Replace the stored balances."""
    lines = [(b.name, b.text, PASSED if b.passed else STOPPED) for b in balances]
    frame = pd.DataFrame(lines, columns=list(BALANCE), dtype="object")
    store.write({(SCHEMA, BALANCES): frame})


def read_record(store: Store, study: Study) -> Record:
    """The stored results of a wave; rules and suites that have not run have no outcome."""
    kept = store.read_schema(SCHEMA)
    files = store.read("raw", "files").to_dict("records")
    return Record(
        files=tuple({str(name): value for name, value in line.items()} for line in files),
        rules=tuple(_rules(study, kept)),
        suites=tuple(_suites(study, kept)),
        balances=tuple(_balances(kept)),
    )


def _balances(kept: dict[str, pd.DataFrame]) -> list[dict[str, Any]]:
    lines = kept[BALANCES].to_dict("records") if BALANCES in kept else []
    return [{str(name): value for name, value in line.items()} for line in lines]


def _worst(result: RuleResult) -> str:
    """The part with the largest share, if there are several."""
    found = [part for part in result.parts if part.name and part.found]
    return max(found, key=lambda part: part.share).name if found else ""


def _rules(study: Study, kept: dict[str, pd.DataFrame]) -> list[RuleRecord]:
    lines: dict[str, dict[Any, Any]] = {}
    facts: dict[str, tuple[str, ...]] = {}
    if RULES in kept and MESSAGES in kept:
        lines = {line["rule"]: line for line in kept[RULES].to_dict("records")}
        for rule, text in kept[MESSAGES].itertuples(index=False):
            facts[rule] = (*facts.get(rule, ()), text)
    records = []
    for rule in study.rules:
        line = {str(k): v for k, v in lines.get(rule.name, {}).items() if k != "rule"}
        examples = facts.get(rule.name, ())
        records.append(RuleRecord(rule, study.policies[rule.name], examples=examples, **line))
    return records


def _suites(study: Study, kept: dict[str, pd.DataFrame]) -> list[SuiteRecord]:
    records = []
    for question in study.counted_questions:
        frame = kept.get(f"suite_{question.id}")
        if frame is None or frame.empty:
            records.append(SuiteRecord(question))
            continue
        checked, outside = int(frame["checked"].iloc[0]), int(frame["outside"].iloc[0])
        share = outside / checked if checked else 0.0
        came = outcome(study.policies["scale"], share)
        records.append(SuiteRecord(question, tuple(frame["expectation"]), checked, outside, came))
    return records

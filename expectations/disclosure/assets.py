"""The gate as an asset with a check, between the results and their publication."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.step.columns import described
from assets.step.declared import declared, hashed, without_labels
from assets.step.factory import Asset, Check, Given, Made, Step, step
from assets.step.markdown import markdown
from assets.step.names import answers, clean, table
from assets.step.workspace import Workspace
from declarations import Study
from declarations.survey.disclosure import USUAL, WARN, Disclosure
from declarations.tables.unnumbered import read_unnumbered
from expectations.disclosure.examine import (
    HIDDEN_COLUMNS,
    ITEM_COLUMNS,
    Examination,
    examination_in_words,
)
from expectations.disclosure.gate import (
    CONSTRUCTED,
    HIDDEN,
    ITEMS,
    SCHEMA,
    WITHDREW,
    examine_wave,
    kept_frames,
    policy_met,
    proposal_files,
    withdraw_broken,
    write_proposal,
)

NAME = "no_answer_follows"
GATE = dg.AssetKey([SCHEMA, ITEMS])
SUPPRESSION = dg.AssetKey([SCHEMA, HIDDEN])
SAYS = {
    "warn": "Answers that follow are reported, and everything is published.",
    "block": "If any answer follows, nothing is published.",
    "suppress": "The necessary figures are suppressed. If that fails, nothing is published.",
}


DESCRIPTIONS = {
    GATE: "Per item: how many answers of how many identifiable respondents follow from the figures "
    "that are to be published, before and after suppression. Empty for constructed data.",
    SUPPRESSION: "The figures to suppress so that no answer follows, primary and secondary, with "
    "the reason. A reason may reveal an answer, so readers do not get this relation.",
}
HOLDS = {
    GATE: {
        "items": "Item, or question with boxes, that is attacked by itself",
        "figures": "Figures about it that are to be published",
        "answers_before": "Answers of identifiable respondents that follow from these figures",
        "respondents_before": "Respondents with these answers",
        "unproven_before": "Undecided answers among these",
        "below_threshold": "Figures with too small a base or count, or of a group with one answer",
        "primary": "Figures to suppress (primary)",
        "secondary": "Figures to suppress so that primary ones cannot be computed (secondary)",
        "answers_after": "Answers that follow after suppression",
        "revealed_after": "Suppressed counts below the threshold that can still be computed",
        "unproven_after": "Answers and counts of both kinds that could not be decided",
    },
    SUPPRESSION: {
        "answer": "Code, total (the base), range, or distribution (mean, median, deviations)",
        "role": "primary or secondary",
        "reason": "Why; may reveal the answer, so not for readers",
    },
}


def steps(study: Study) -> list[Step]:
    """One step with one check.

    None for a study of constructed waves without an entry `disclosure`.
    """
    settings = study.gate
    if settings is None:
        return []
    check = Check(
        NAME,
        GATE,
        "No answer of an identifiable respondent follows from what is about to be "
        f"published.\n\nPolicy {settings.policy}: {SAYS[settings.policy]}",
        blocking=settings.policy != WARN,
    )
    deps = [
        *(clean(name) for name in ("respondents", "memberships", "invitations")),
        *(answers(question.id) for question in study.counted_questions),
        *(table(spec.id) for spec in study.tables),
    ]
    rests, columns = _declared(study), {GATE: ITEM_COLUMNS, SUPPRESSION: HIDDEN_COLUMNS}
    assets = [
        Asset(
            key,
            group=SCHEMA,
            description=DESCRIPTIONS[key],
            deps=deps,
            rests_on=rests,
            columns=described(columns[key], HOLDS[key]),
        )
        for key in (GATE, SUPPRESSION)
    ]
    # depends on the declarations of all waves: stale once too often rather than fresh once too
    # often
    return [step("examine_disclosure", study, assets, examine_disclosure, checks=[check])]


def _declared(study: Study) -> Any:
    """The examined relations, and how they are examined."""
    known = declared(study)
    alone = [item.id for item in study.items.values() if item.exclusive]
    spoken = [(r.id, without_labels(r.file)) for r in read_unnumbered(study)]
    cells = [
        (c.statistic, c.item, c.code, c.group, c.level, c.of, c.range, c.base, c.unit)
        for spec in study.tables
        for c in spec.cells
    ]
    return [
        study.gate,
        hashed([cells, alone, spoken]),
        known.codes,
        known.rules,
        study.tabulation,
    ]


def examine_disclosure(given: Given) -> Iterator[Made | dg.AssetCheckResult]:
    """Examine what a real wave will publish.

    Constructed answers belong to nobody and are not examined.
    """
    settings = given.study.gate or USUAL
    workspace, wave, found = given.workspace, given.wave, None
    for path in proposal_files(workspace, wave):
        path.unlink(missing_ok=True)
    if not given.sheet.constructed:
        found = examine_wave(given.study, wave, settings, given.store, given.context.log.info)
        write_proposal(workspace, wave, found)
    frames = kept_frames(found)
    text = (
        CONSTRUCTED.format(wave=wave) if found is None else "\n".join(examination_in_words(found))
    )
    stores = {(SCHEMA, name): frame for name, frame in frames.items()}
    for key in (GATE, SUPPRESSION):
        frame = frames[key.path[-1]]
        metadata = {"summary": dg.MarkdownMetadataValue(text)}
        if found:
            metadata["preview"] = dg.MarkdownMetadataValue(markdown(frame))
        yield Made(key, frame, metadata=metadata, stores=stores)
    result = _result(settings, found, text, workspace, wave)
    if found is not None and not result.passed and settings.policy != WARN:
        # Readers keep the last good run, except what the policy no longer allows.
        gone = withdraw_broken(workspace, wave, settings)
        if gone:
            given.context.log.warning(WITHDREW, ", ".join(gone))
    yield result


def _result(
    settings: Disclosure, found: Examination | None, text: str, workspace: Workspace, wave: str
) -> dg.AssetCheckResult:
    fine = found is None or policy_met(settings, found)
    if found is not None and not found.fine:
        _, proposal = proposal_files(workspace, wave)
        text += f"\nwhat to suppress: {proposal.parent.name}/{proposal.name}"
    answers_before, people = found.lost() if found else (0, 0)
    return dg.AssetCheckResult(
        asset_key=GATE,
        check_name=NAME,
        passed=fine,
        severity=dg.AssetCheckSeverity.WARN
        if settings.policy == WARN
        else dg.AssetCheckSeverity.ERROR,
        description=text,
        metadata={
            "policy": settings.policy,
            "examined": found is not None,
            "answers": answers_before,
            "respondents": people,
            "suppressed": len(found.hidden) if found else 0,
        },
    )

"""Asset keys, groups and owners, named after the report."""

from __future__ import annotations

import dagster as dg

from declarations import Question, Study
from declarations.operation import SECTION
from declarations.waves import EXPORT_ROLES

WORDS_ONLY = True
OWNERS = ["team:samspil"]
REGISTER = "municipalities"
RAW_FILES = (*EXPORT_ROLES, REGISTER)
REJECTED_ROWS = "rejected_rows"
CLEAN = (REGISTER, "invitations", "respondents", "responsibilities", "memberships")


def raw_files(study: Study) -> tuple[str, ...]:
    """Raw relations of a wave; a study without a frame has no register."""
    return RAW_FILES if study.has_frame else EXPORT_ROLES


def clean_relations(study: Study) -> tuple[str, ...]:
    """Clean relations: the register needs a frame, areas need a group read from an open answer."""
    without = set() if study.has_frame else {REGISTER}
    if not any(group.kind == "text_rules" for group in study.groups):
        without.add("responsibilities")
    return tuple(name for name in CLEAN if name not in without)


def raw(name: str) -> dg.AssetKey:
    """The key of a raw file's asset."""
    return dg.AssetKey(["raw", name])


def clean(name: str) -> dg.AssetKey:
    """A clean relation."""
    return dg.AssetKey(["clean", name])


def answers(question: str) -> dg.AssetKey:
    """The key of the asset with all answers to one question."""
    return dg.AssetKey(["answers", question])


def counts(question: str) -> dg.AssetKey:
    """The key of the counts of one question, or of the invitations (`status`)."""
    return dg.AssetKey(["counts", question])


def table(table_id: str) -> dg.AssetKey:
    """The key of a table of the report."""
    return dg.AssetKey(["tables", table_id])


def section_group(prefix: str, question: Question, study: Study) -> str:
    """Group of a question's assets: its part of the questionnaire, with a number for the order."""
    sections = list(dict.fromkeys(q.section for q in study.questions))
    return f"{prefix}_{sections.index(question.section) + 1}_{question.section}"


def shown_key(key: dg.AssetKey, group: str, study: Study) -> dg.AssetKey:
    """The key of the asset that Dagster shows: the section's, if the study has one per section."""
    if study.operation.assets_per != SECTION:
        return key
    return dg.AssetKey([key.path[0], group.removeprefix(f"{key.path[0]}_")])


def chapter_group(chapter: str) -> str:
    """The name of a chapter in groups and keys of assets."""
    return f"chapter_{chapter}" if chapter.isdigit() else chapter


def partitions_name(study: Study) -> str:
    """The name of the study's waves in an instance, which may have several studies."""
    return f"{study.folder.name}_waves"


def wave_partitions(study: Study) -> dg.DynamicPartitionsDefinition:
    """One partition per wave.

    The keys are stored in the instance (pipelines.records.waves registers them), so a server need
    not reload when a new wave appears.
    """
    return dg.DynamicPartitionsDefinition(name=partitions_name(study))

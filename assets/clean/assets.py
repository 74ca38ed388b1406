"""Clean relations: municipalities, invitations, respondents, areas, memberships, answers."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from assets.clean import background, coded, people
from assets.clean.answer_facts import answer_facts
from assets.clean.stored import stored_metadata
from assets.raw.assets import stored_wave
from assets.raw.cells.kept import judged_wave
from assets.raw.rules.case import Case
from assets.raw.rules.judge import broken_answers
from assets.step.columns import described
from assets.step.declared import declared
from assets.step.declaring import FACTS, RESPONDENTS
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.lineage import column_span, group_source, page_link, status_columns
from assets.step.markdown import markdown
from assets.step.metadata import PREVIEW_ROWS, Lineage, column_name, data_note, frame_metadata
from assets.step.names import (
    REGISTER,
    REJECTED_ROWS,
    answers,
    clean,
    clean_relations,
    raw,
    section_group,
)
from assets.step.rows_version import hashed_version
from assets.step.workspace import failure
from declarations import Question, Study
from runtime.safe_text import markdown_text
from runtime.store import create_relations

AREAS = "responsibilities"
DESCRIPTIONS = {
    "municipalities": "The register with every municipality's group levels (size, region, "
    "mayor's bloc, expenditure pressure in three cuts).",
    "invitations": (
        "One line per invited head with municipality and status. A keyed hash identifies a head. "
        "The identifier is in the restricted schema of the working file."
    ),
    "respondents": "The invited heads who answered all or part of the questionnaire.",
    "responsibilities": (
        "The areas a head is responsible for, derived from an open answer by the rules in "
        "study.yaml; a head may have several. The answer itself is in the restricted schema."
    ),
    "memberships": "One line per respondent, background variable and level; the counts join it.",
}
DEPENDS = {
    "municipalities": [raw("municipalities")],
    "invitations": [raw("dataset"), raw(REJECTED_ROWS), clean("municipalities")],
    "respondents": [clean("invitations")],
    "responsibilities": [raw("dataset"), raw(REJECTED_ROWS), clean("respondents")],
    "memberships": [clean("respondents"), clean("municipalities"), clean("responsibilities")],
}
COLUMNS = {
    "municipalities": described(
        ("code", "name", "region", "population", "mayor_party", "expenditure_pressure", "size",
         "bloc", "pressure_band", "pressure_half", "pressure_quintile"),
        {"code": "Official municipality code"},
    ),
    "invitations": described(("respondent", "municipality", "status")),
    "respondents": described(("respondent", "municipality", "status")),
    "responsibilities": described(("respondent", "level")),
    "memberships": described(("respondent", "group", "level")),
}  # fmt: skip
ANSWER_COLUMNS = described(
    coded.USABLE_COLUMNS, {"code": "Code as stored; empty if the item is numeric"}
)


def steps(study: Study) -> list[Step]:
    """The step for the clean relations that all questions share, and the step for answers."""
    names = clean_relations(study)
    given = {raw("dataset"), raw(REJECTED_ROWS), raw(REGISTER), *map(clean, names)}
    if not study.has_frame:
        given.remove(raw(REGISTER))
    note, rests = data_note(study), _declared(study)
    relations = [
        Asset(
            clean(name),
            group="clean",
            description=f"{DESCRIPTIONS[name]}\n\n{note}",
            deps=[key for key in DEPENDS[name] if key in given],
            rests_on=rests[name],
            columns=COLUMNS.get(name, {}),
            published=[Published("clean", name, holds=FACTS if name == REGISTER else RESPONDENTS)],
        )
        for name in names
    ]
    asked = [_answers_asset(question, study, note) for question in study.questions]
    return [
        step(
            "clean_respondents",
            study,
            relations,
            clean_respondents,
            reads_cells=True,
            as_asked=True,
        ),
        step(
            "read_answers",
            study,
            asked,
            read_answers,
            partial=True,
            reads_cells=True,
            per_section=True,
            as_asked=True,
        ),
    ]


def _declared(study: Study) -> dict[str, Any]:
    known = declared(study)
    texts = {group.source for group in study.groups if group.kind == "text_rules"}
    asked = [q for q in study.questions if texts & {item.id for item in q.items}]
    return {
        "municipalities": [study.frame, known.rules],
        "invitations": [
            study.id, study.export, [q.asked for q in study.questions],
            [(i.variable, i.type, i.span, i.moved) for i in study.items.values()],
        ],
        "respondents": [],
        "responsibilities": [known.rules, [known.answers(question) for question in asked]],
        "memberships": [known.rules],
    }  # fmt: skip


def clean_respondents(given: Given) -> Iterator[Made]:
    """The clean relations; identifiers stay in the restricted schema."""
    study, store, lineages = given.study, given.store, _lineages(given.study)
    municipalities = None
    if study.has_frame:
        try:
            municipalities = background.municipalities(store.read("raw", REGISTER), given.asked)
        except ValueError as error:
            raise failure(f"{given.sheet.files[REGISTER].path.name}: {error}") from None
    with store.transaction() as connection:
        case = accepted_case(given, connection)
        for schema in ("clean", "coded", "answers"):
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        people.write_links(case, given.workspace.key())
        if municipalities is not None:
            create_relations(connection, {("clean", REGISTER): municipalities})
        people.write_people(case, municipalities)
        if AREAS in clean_relations(study):
            people.write_areas(case, broken_answers(case))
            connection.execute(
                f"CREATE OR REPLACE TABLE clean.{AREAS} AS "
                f'SELECT respondent, "group", level FROM {people.AREA_TEXTS}'
            )
        people.write_memberships(connection, given.asked, municipalities)
        if not study.questions:
            # no step may read answers yet, but the quarantine still needs the unusable cells
            coded.write_unusable(case, [], broken_answers(case))
        for name in clean_relations(study):
            yield stored_metadata(
                given, connection, clean(name), COLUMNS.get(name, {}), lineages[name]
            )


def accepted_case(given: Given, connection: duckdb.DuckDBPyConnection) -> Case:
    """The judged data set without the quarantined rows."""
    files = stored_wave(given.store)
    judged = judged_wave(connection, files.dataset, given.asked)
    return Case(files, given.asked, given.sheet, judged, f"raw.{REJECTED_ROWS}")


def _lineages(study: Study) -> dict[str, Lineage]:
    columns = study.register_columns
    register: dict[str, Any] = {n: [(raw("municipalities"), c)] for n, c in columns.items()}
    for group in study.groups:
        if group.by_municipality and group.kind != "identity":
            register[group.id] = [(raw("municipalities"), str(columns[group.source]))]
    invited = {**_respondent_lineage(study)}
    if study.municipality_column is not None:
        place = (raw("dataset"), study.municipality_column)
        invited["municipality"] = [place, (clean(REGISTER), "code")]
    invited["status"] = [(raw("dataset"), flag) for flag in status_columns(study)]
    invited |= {name: [(raw("dataset"), name)] for name in study.harmless_columns}
    texts = [group_source(g, study)[0] for g in study.groups if g.kind == "text_rules"]
    areas: Lineage = {"level": [(raw("dataset"), column) for column in texts]}
    groups = [g.id for g in study.groups if g.by_municipality and g.kind != "identity"]
    levels = [(clean("municipalities"), group) for group in groups]
    return {
        "municipalities": register,
        "invitations": invited,
        "respondents": {name: [(clean("invitations"), name)] for name in invited},
        "responsibilities": areas,
        "memberships": {
            "respondent": [(clean("respondents"), "respondent")],
            "level": [(clean("responsibilities"), "level"), *levels],
        },
    }


def _respondent_lineage(study: Study) -> Lineage:
    return {"respondent": [(raw("dataset"), study.respondent_column or "file_row")]}


def _answers_asset(question: Question, study: Study, note: str) -> Asset:
    """Every usable answer to a question, in long form. Texts and places are restricted."""
    columns = ", ".join(column_name(item.variable) for item in question.items)
    shown = ", ".join(column_span(item.variable) for item in question.items)
    reported = [page_link(f"tables/{r}") if r in study.table else r for r in question.reported]
    words = [
        markdown_text(question.label.both),
        note,
        f"Question {question.order} ({question.type}), declared in `{question.source}`.",
        f"Export columns {shown} of {page_link('raw/dataset')}.",
        f"Reported in: {', '.join(reported) or 'never reported'}.",
        question.note or "",
    ]
    published = (
        [Published("answers", question.id, per="question", holds=RESPONDENTS)]
        if question.counted
        else []
    )
    return Asset(
        answers(question.id),
        group=section_group("answers", question, study),
        description="\n\n".join(word for word in words if word),
        deps=[raw("dataset"), raw(REJECTED_ROWS), clean("respondents")],
        rests_on=declared(study).answers(question),
        columns=ANSWER_COLUMNS,
        published=published,
        metadata={
            "columns": columns,
            "items": dg.MarkdownMetadataValue(items_markdown(question)),
            "declared_in": question.source,
        },
    )


def read_answers(given: Given) -> Iterator[Made]:
    """The answers to the chosen questions; the others keep their cells."""
    chosen = [q for q in given.asked.questions if answers(q.id) in given.chosen]
    with given.store.transaction() as connection:
        case = accepted_case(given, connection)
        coded.write_lines(case)
        coded.write_unusable(case, chosen, broken_answers(case))
        for question in chosen:
            coded.write_question(case, question)
            yield _made_answers(given, case, question)
        coded.write_cells(case, given.asked.questions)


def _made_answers(given: Given, case: Case, question: Question) -> Made:
    facts = answer_facts(case, question, PREVIEW_ROWS)
    columns = [(raw("dataset"), i.variable) for i in question.items if i.type != "open"]
    lineage = {**_respondent_lineage(given.asked), **dict.fromkeys(("code", "number"), columns)}
    return Made(
        answers(question.id),
        metadata={
            **frame_metadata(facts.head, given.sheet, lineage, ANSWER_COLUMNS),
            "dagster/row_count": facts.usable,
            "open_answers": facts.opened,
            "quarantined": facts.unusable,
        },
        version=hashed_version(facts.content, given.sheet),
    )


def items_markdown(question: Question) -> str:
    """The question's export columns in questionnaire order, each with item, label and codes."""
    lines = []
    for item in question.items:
        scale = ", ".join(f"{code.code} {code.label.da}" for code in item.scale)
        codes = "1 ticked, 0 not" if item.type == "multiple" else scale or item.type
        lines.append((column_name(item.variable), item.id, item.label.da, item.label.en, codes))
    names = ["column", "item", "da", "en", "codes"]
    return markdown(pd.DataFrame(lines, columns=names, dtype="object"))

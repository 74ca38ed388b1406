"""The sources of a table: questions, export columns, register columns and rules.

They follow from the declarations alone, so the lineage is shown before the first run.
"""

from __future__ import annotations

from dataclasses import dataclass

from declarations import Group, Item, SourceSheet, Study, Table
from runtime.masking import column_shown
from runtime.safe_text import code_span, markdown_text

WORDS_ONLY = True
ASSET_PAGE = "/assets/"


@dataclass(frozen=True)
class TableLineage:
    """The sources of a table.

    `columns` are columns of the export, `register` those of the register.
    """

    items: tuple[Item, ...]
    groups: tuple[Group, ...]
    columns: tuple[str, ...]
    register: tuple[str, ...]


def table_lineage(table: Table, study: Study) -> TableLineage:
    """The lineage of a table, in order of first use."""
    items = tuple(study.items[i] for i in table.items if i in study.items)
    groups = tuple(study.group[g] for g in table.groups)
    columns = [item.variable for item in items]
    for item in items:
        if item.type == "multiple":
            columns += [i.variable for i in study.question[item.question].closed_items]
    register = []
    for group in groups:
        export_column, register_column = group_source(group, study)
        columns += [export_column]
        register += [register_column] if register_column else []
    columns += status_columns(study)
    return TableLineage(
        items, groups, tuple(dict.fromkeys(columns)), tuple(dict.fromkeys(register))
    )


def group_source(group: Group, study: Study) -> tuple[str, str | None]:
    """The export column with a respondent's municipality, and the register column of the group."""
    if group.kind == "text_rules":
        return study.items[group.source].variable, None
    return str(study.municipality_column), study.register_column(group.source)


def status_columns(study: Study) -> list[str]:
    """Status flags that decide who is a respondent."""
    declared = study.status_flags
    names = ("complete", "partial", "partial_if_answered")
    return [flag for name in names for flag in declared.get(name) or ()]


def lineage_markdown(table: Table, study: Study, sheet: SourceSheet | None = None) -> str:
    """The lineage as a list with links to the pages of the assets.

    With the source sheet of a wave, constructed register columns are marked.
    """
    if table.entries:
        return f"- the declarations alone: `{table.source}`, `questions/*.yaml`, `study.yaml`"
    found = table_lineage(table, study)
    lines = []
    for question in study.questions_of(table):
        own = [item for item in found.items if item.question == question.id]
        columns = ", ".join(column_span(item.variable) for item in own)
        label = markdown_text(question.label.en)
        lines.append(
            f"- question {page_link(f'answers/{question.id}')} ({label}; "
            f"`{question.source}`): export columns {columns}, "
            f"counted in {page_link(f'counts/{question.id}')}"
        )
    if table.unit == "invitations":
        lines.append(f"- {page_link('clean/invitations')}, counted in {page_link('counts/status')}")
    for group in found.groups:
        column, register = group_source(group, study)
        if register is None:
            via = f"{page_link('clean/responsibilities')}, export column {column_span(column)}"
        else:
            made_up = sheet is not None and sheet.constructed_column("municipalities", register)
            via = (
                f"{page_link('clean/municipalities')}, register column {code_span(register)}"
                f"{' (constructed)' if made_up else ''}, "
                f"joined by export column {column_span(column)}"
            )
        lines.append(
            f"- breakdown {markdown_text(group.label.en)} (`study.yaml: {group.id}`): {via}"
        )
    lines.append(respondents_line(study))
    raw_files = ["raw/dataset", "raw/municipalities"] if study.has_frame else ["raw/dataset"]
    lines.append(f"- raw files: {', '.join(map(page_link, raw_files))}")
    lines.append(f"- declared in `{table.source}`; computed by `assets/tables/results.py`")
    return "\n".join(lines)


def column_span(name: str) -> str:
    """An export column as a Markdown code span.

    A name that may be personal is shown by its shape.
    """
    return code_span(column_shown(name))


def page_link(key: str) -> str:
    """A Markdown link to an asset's page in the UI."""
    return f"[{key}]({ASSET_PAGE}{key})"


def respondents_line(study: Study) -> str:
    """Which columns decide who is a respondent, as a line of a lineage."""
    flags = ", ".join(map(column_span, status_columns(study)))
    text = f"export columns {flags}" if flags else "any answer (the export has no status)"
    return f"- who counts as a respondent: {text}"

"""The quarantine: every row and every filled cell that cannot be used, with the broken rule."""

from collections.abc import Iterable, Iterator

import dagster as dg
import duckdb
import pandas as pd

from assets.clean.balances import Balance, cells_balance, rows_balance
from assets.clean.coded import UNUSABLE
from assets.clean.people import ROW
from assets.raw.assets import stored_dataset
from assets.raw.cells.ingest import FILE_ROW
from assets.raw.cells.kept import DATASET
from assets.raw.rules.case import WITHHELD
from assets.step import restricted
from assets.step.columns import described
from assets.step.declared import declared
from assets.step.declaring import RESPONDENTS
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.names import REJECTED_ROWS, answers, clean, raw
from declarations import Study
from declarations.survey.rules import ANSWER
from declarations.survey.rules import ROW as ROW_UNIT
from runtime.masking import cell_shown
from runtime.store import quote, text_literal

QUARANTINE = dg.AssetKey(["checks", "quarantine"])
COLUMNS = ("file", "file_row", "unit", "variable", "item", "value", "rule", "expected")


def steps(study: Study) -> list[Step]:
    """The step for all quarantined rows and answers. Checks prove that none was lost."""
    known = declared(study)
    asset = Asset(
        QUARANTINE,
        group="checks",
        description=(
            "Rows and answers that are not counted: file, row, column, value, the broken rule "
            "and the expected value. A row or answer that breaks two rules has a line for each. "
            "Nothing is dropped silently."
        ),
        deps=[
            raw("dataset"),
            raw(REJECTED_ROWS),
            clean("invitations"),
            *(answers(question.id) for question in study.questions),
        ],
        rests_on=[known.codes, known.policies],
        columns=described(COLUMNS),
        published=[Published("checks", "quarantine", csv=True, holds=RESPONDENTS)],
    )
    return [
        step(
            "collect_quarantine", study, asset, collect_quarantine, reads_cells=True, as_asked=True
        )
    ]


def collect_quarantine(given: Given) -> Iterator[Made]:
    """The quarantine as all readers see it, and in full in the restricted schema."""
    store = given.store
    rows = store.read(*restricted.REJECTED)
    with store.connect() as connection:
        file = stored_dataset(store).file
        cells = unusable_cells(connection, given.asked)
    full = quarantine_lines(rows, cells, file)
    frame = quarantine_lines(
        store.read("raw", REJECTED_ROWS), masked_cells(cells, given.study), file
    )
    columns = [(raw("dataset"), item.variable) for item in given.study.items.values()]
    stores = {restricted.QUARANTINE: full, ("checks", "quarantine"): frame}
    yield Made(QUARANTINE, frame, {"value": columns}, stores=stores)


def balances(given: Given) -> list[Balance]:
    """Two balances: every row and every filled cell is either clean or quarantined."""
    with given.store.connect() as connection:
        return [rows_balance(connection), cells_balance(connection, given.asked)]


def unusable_cells(connection: duckdb.DuckDBPyConnection, study: Study) -> pd.DataFrame:
    """Unusable cells with their content, one line per broken rule."""
    some = connection.execute(f"SELECT DISTINCT item FROM {UNUSABLE}").fetchall()
    items = [study.items[name] for (name,) in some if name in study.items]
    variables = _by_item((item.id, text_literal(item.variable)) for item in items)
    values = _by_item((item.id, f"d.{quote(item.variable)}") for item in items)
    names = ", ".join(text_literal(item.id) for item in items) or "''"
    frame = connection.execute(
        f"SELECT u.{ROW}, {variables} AS variable, u.item, {values} AS value, u.rule, u.expected "
        f"FROM {UNUSABLE} AS u JOIN {DATASET} AS d USING ({ROW}) WHERE u.item IN ({names}) "
        f"ORDER BY u.{ROW}, variable, u.item, u.place"
    ).df()
    return frame.astype(dict.fromkeys(("variable", "item", "value", "rule", "expected"), "object"))


def _by_item(pairs: Iterable[tuple[str, str]]) -> str:
    cases = " ".join(f"WHEN {text_literal(item)} THEN {sql}" for item, sql in pairs)
    return f"CASE u.item {cases} END" if cases else "NULL::VARCHAR"


def masked_cells(cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Unusable cells for all readers, without what respondents wrote."""
    opened = {item.id for item in study.items.values() if item.type == "open"}
    shown = {text: cell_shown(text) for text in cells["value"].unique()}
    found = cells["value"].map(shown).mask(cells["item"].isin(opened), WITHHELD)
    return cells.assign(value=found)


def quarantine_lines(rows: pd.DataFrame, cells: pd.DataFrame, file: str) -> pd.DataFrame:
    """Rejected rows and unusable cells, one line per broken rule, in the order of the file."""
    lines = (rows.assign(unit=ROW_UNIT, item=None), cells.assign(file=file, unit=ANSWER))
    parts = [part[list(COLUMNS)] for part in lines if len(part)]
    frame = pd.concat(parts) if parts else pd.DataFrame(columns=list(COLUMNS), dtype="object")
    frame = frame.astype({FILE_ROW: "int64"})
    return frame.sort_values([FILE_ROW, "unit", "variable"], kind="stable", ignore_index=True)

"""SQL that recomputes a table's figures from the published counts."""

from __future__ import annotations

from declarations import Cell, Table
from declarations.tables.cells import OTHERS, TOTAL


def table_sql(table: Table) -> str:
    """A query on samspil.duckdb: a line per count or percentage of the table, in its order.

    Empty if a figure is not computed from counts of codes (means, invitations).
    """
    cells = [cell for cell in table.cells if not cell.of]
    if not cells or table.unit == "invitations" or not all(map(_of_codes, cells)):
        return ""
    lines = ",\n    ".join(
        f"({n}, {_text(c.row)}, {_text(c.group_key)}, {_text(c.column)}, {_text(c.statistic)}, "
        f"{_text(str(c.item))}, {_text(str(c.code))}, {_text(c.group)}, "
        f"{_text(c.level.removeprefix(OTHERS))}, {int(c.level.startswith(OTHERS))}, {c.decimals})"
        for n, c in enumerate(cells, start=1)
    )
    return _QUERY.replace("{lines}", lines)


def _of_codes(cell: Cell) -> bool:
    return cell.statistic in ("count", "percent") and cell.range is None and not cell.base


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


_QUERY = f"""WITH cells(
  place, "row", line, "column", statistic, item, code, "group", level, others, decimals
) AS (
  VALUES
    {{lines}}
), own AS (  -- answers in the level, and those to the code
  SELECT place,
         coalesce(sum(n), 0) AS base,
         coalesce(sum(n) FILTER (c.code = k.code OR c.code = '{TOTAL}'), 0) AS numerator
  FROM cells c LEFT JOIN counts.counts k
    ON k.item = c.item AND k."group" = c."group" AND k.level = c.level AND k.code <> '{TOTAL}'
  GROUP BY place
), everyone AS (
  SELECT place,
         coalesce(sum(n), 0) AS base,
         coalesce(sum(n) FILTER (c.code = k.code OR c.code = '{TOTAL}'), 0) AS numerator
  FROM cells c LEFT JOIN counts.counts k
    ON k.item = c.item AND k."group" = 'all' AND k.level = 'all' AND k.code <> '{TOTAL}'
  GROUP BY place
), found AS (  -- others = 1: everyone who is not in the level
  SELECT c.*,
         CASE WHEN others = 1 THEN e.numerator - o.numerator ELSE o.numerator END AS numerator,
         CASE WHEN others = 1 THEN e.base - o.base ELSE o.base END AS base
  FROM cells c JOIN own o USING (place) JOIN everyone e USING (place)
)
SELECT "row", line, "column", numerator, base,
       CASE WHEN statistic = 'count' THEN numerator
            -- half up, of the stored double, as print rounds
            WHEN base > 0 THEN floor(
              numerator::DOUBLE / base::DOUBLE * 100 * 10 ** decimals + 0.5) / 10 ** decimals
       END AS figure
FROM found ORDER BY place"""

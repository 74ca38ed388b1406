"""Compares the transcribed figures of a printed report with the text of that report.

``printed/<table>.csv`` holds one line per printed figure, in reading order. The report is plain
text in which a table is a caption, a header, and rows whose last tokens are the figures. The module
finds each table by its caption, reads its rows, and compares the two both ways:

* every figure of the CSV is in the block, in the same row and the same order, with the same stars,
  the same base (N) and the same printed bound of p;
* every figure-like token of the block belongs to the CSV: as a figure, a base or a bound, or as
  part of a label, of a column heading or of the caption;
* the words of each row label and column heading are in the block, in order, next to that row or in
  the header. A long label may lack words, but no words may be added.

A misprint passes, because figures are kept as printed; a mistake of the transcriber is a finding.

Run ``python -m tools.printed_text REPORT.txt [--printed DIR]``. Findings are printed one per line;
the exit code is 1 if there are any, else 0.
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from replication.printed import Printed, read_printed_table
from tools.report_text import (
    CAPTION,
    MAX_GAP,
    TextRow,
    block_rows,
    bound_of,
    compact,
    figures_in,
    is_appendix,
    locate,
    printed_lines,
    stars_of,
    table_number,
    words_in_order,
)

DEFAULT_PRINTED = Path("studies/samspil/printed")

# A footnote that explains the stars; its levels are not figures of the table.
STAR_LEVEL = re.compile(r"\*+ ?P ?< ?[.,]?\d+(?:[.,]\d+)?")
# The heading of a base column reads "N (= 100 %)", in many spellings and over line breaks.
WHOLE = re.compile(r"\(?=?\s*\(?100\s*%?\)?")


def base_offset(lines: Sequence[Sequence[Printed]], rows: Sequence[TextRow]) -> int:
    """Return 1 if the table's rows begin with their base, else 0: whichever fits more rows."""
    wanted = {tuple(figure.printed for figure in line) for line in lines}
    width = max(len(line) for line in lines)

    def fits(offset: int) -> int:
        return sum(row.figures[offset : offset + width] in wanted for row in rows)

    return 1 if fits(1) > fits(0) else 0


def check_line(line: Sequence[Printed], row: TextRow, offset: int) -> Iterator[str]:
    """Compare one printed line of the CSV with its row in the text."""
    place = f"row {line[0].row} {line[0].group}".rstrip()
    cells = row.tail[offset : offset + len(line)]
    for figure, (printed, stars) in zip(line, cells, strict=False):
        if figure.printed != printed:
            yield f"{place}, {figure.column}: {figure.printed} in the CSV, {printed} in the text"
        if stars_of(figure) != stars:
            yield f"{place}, {figure.column}: stars {stars_of(figure)!r}, in the text {stars!r}"
    for figure in line[len(cells) :]:
        yield f"{place}, {figure.column}: {figure.printed} is not in the text"
    if len({(figure.n, bound_of(figure)) for figure in line}) != 1:
        yield f"{place}: base or bound differs within the line"
    rest = [printed for printed, _ in row.tail[:offset] + row.tail[offset + len(line) :]]
    known = [line[0].n, bound_of(line[0])]
    for token in rest:
        if token in known:
            known.remove(token)
        else:
            yield f"{place}: {token} in the text is neither its base nor its bound"
    if line[0].group and compact(line[0].group) not in compact(row.lead):
        yield f"{place}: the group is not named on this line of the text"


def table_findings(path: Path, report: Sequence[str]) -> Iterator[str]:
    """Yield the findings of one printed CSV against the lines of the report."""
    figures = read_printed_table(path.parent, path.stem)
    lines = printed_lines(figures)
    try:
        start, end = locate(report, table_number(path), is_appendix(path))
    except ValueError as error:
        yield str(error)
        return
    rows = block_rows(report, start, end, {len(line) for line in lines})
    if not rows:
        yield "no rows of figures below the caption"
        return
    offset = base_offset(lines, rows)

    # Rows that differ in a figure are still paired; surplus rows remain alone.
    wanted = [tuple(figure.printed for figure in line) for line in lines]
    found = [
        row.figures[offset : offset + len(line)]
        for row, line in zip(rows, lines + [lines[-1]] * len(rows), strict=False)
    ]
    pairs: list[tuple[list[Printed], TextRow]] = []
    for _, a, b, c, d in difflib.SequenceMatcher(None, wanted, found, False).get_opcodes():
        pairs += zip(lines[a:b], rows[c:d], strict=False)
        for line in lines[a + min(b - a, d - c) : b]:
            yield f"row {line[0].row}: {[figure.printed for figure in line]} is not in the text"
        for row in rows[c + min(b - a, d - c) : d]:
            yield f"line {row.line + 1} of the text is not in the CSV: {list(row.figures)}"
    for line, row in pairs:
        yield from check_line(line, row, offset)

    yield from check_labels(pairs, report, start)
    yield from check_surroundings(figures, pairs, rows, report, start)


def check_labels(
    pairs: Sequence[tuple[Sequence[Printed], TextRow]], report: Sequence[str], start: int
) -> Iterator[str]:
    """Check that row labels and column headings are next to their figures."""
    body = start
    while report[body].strip():
        body += 1
    header = compact(" ".join(report[body : pairs[0][1].line]))
    position = 0
    for column in dict.fromkeys(figure.column for line, _ in pairs for figure in line):
        after = words_in_order(column, header, position)
        if after < 0:
            yield f"column {column!r} is not in the header of the text, or out of order"
        position = max(position, after)
    previous: tuple[int, int] = (0, body)
    for line, row in pairs:
        number, seen = previous
        if line[0].row != number:
            text = compact(" ".join([*report[seen : row.line], row.lead]))
            if words_in_order(line[0].row_label, text) < 0:
                yield f"row {line[0].row}: label {line[0].row_label!r} is not in the text there"
        previous = (line[0].row, row.line + 1)


def check_surroundings(
    figures: Sequence[Printed],
    pairs: Sequence[tuple[Sequence[Printed], TextRow]],
    rows: Sequence[TextRow],
    report: Sequence[str],
    start: int,
) -> Iterator[str]:
    """Check bases, bounds and the figure-like tokens outside the runs of figures."""
    last = rows[-1].line
    footnotes = [
        STAR_LEVEL.sub(" ", line)
        for line in report[last + 1 : last + MAX_GAP]
        if line.strip().startswith("Note:")
    ]
    leads = {row.line: row.lead for row in rows}
    outside = {i: leads.get(i, report[i]) for i in range(start, last + 1)}

    # A base is printed in its row, in the caption or header, or as the total of the counts.
    above = figures_in(" ".join(outside[i] for i in range(start, rows[0].line)))
    totals = {figure.printed for figure in figures}
    for line, row in pairs:
        base = line[0].n
        if base and base not in row.figures and base not in above and base not in totals:
            yield f"row {line[0].row} {line[0].group}: base {base} is not in the text"

    # A bound is printed in a row of its pair, alone between the rows of the pair, or below the
    # table; it then holds for every figure of that pair or table.
    below = figures_in(" ".join(footnotes))
    for number in dict.fromkeys(line[0].row for line, _ in pairs):
        own = [(line, row) for line, row in pairs if line[0].row == number]
        bounds = {bound_of(figure) for line, _ in own for figure in line}
        if len(bounds) != 1 or (below and not bounds <= set(below)):
            yield f"row {number}: bounds {sorted(bounds)}, below the table {below}"
        span = range(own[0][1].line, own[-1][1].line + 1)
        near = [figure for _, row in own for figure in row.figures]
        near += figures_in(" ".join(outside[i] for i in span))
        for bound in sorted(bounds - {""}):
            if bound not in near and bound not in below:
                yield f"row {number}: bound {bound} is not in the text"

    known = {
        token
        for figure in figures
        for text in (figure.row_label, figure.group, figure.column, figure.n, bound_of(figure))
        for token in figures_in(text)
    }
    caption = CAPTION.match(report[start])
    if caption is not None:
        known.add(caption["number"])
    # Joined, because "100 %" in the heading of the base may be divided over two lines.
    header = WHOLE.sub(" ", "\n".join(outside[i] for i in range(start, rows[0].line)))
    rest = "\n".join(outside[i] for i in range(rows[0].line, last + 1))
    for token in figures_in("\n".join([header, rest, *footnotes])):
        if token not in known:
            yield f"{token} is in the text of the table but not in the CSV"


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare all printed tables with the report; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("report", type=Path, help="text of the report, UTF-8")
    parser.add_argument("--printed", type=Path, default=DEFAULT_PRINTED)
    options = parser.parse_args(arguments)
    # str.splitlines would also split at form feeds, which begin a page in the middle of a line.
    report = options.report.read_text(encoding="utf-8").split("\n")
    paths = sorted(options.printed.glob("table_*.csv"))
    if not paths:
        print(f"no printed tables in {options.printed}")
        return 1
    findings = [f"{path.name}: {text}" for path in paths for text in table_findings(path, report)]
    for finding in findings:
        print(finding)
    count = sum(len(read_printed_table(path.parent, path.stem)) for path in paths)
    print(f"{len(paths)} tables, {count} figures, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

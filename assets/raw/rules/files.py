"""Rules about whole files: columns, the register, lengths, numbers of invitations."""

from __future__ import annotations

from collections import Counter

from assets.raw.cells.reading import read_number
from assets.raw.delimited import RawTable
from assets.raw.errors import Finding
from assets.raw.rules.case import Case, Part, whole
from assets.raw.structure import expected_columns, names_columns
from runtime.masking import column_shown
from runtime.plain_text import plain
from runtime.store import quote

# If more than this share of a column's filled cells is text, the column holds something else.
MOSTLY = 0.5


def missing_columns(case: Case) -> list[Part]:
    """Declared variables that the data set lacks."""
    expected = expected_columns(case.study)
    table = case.raw.dataset
    present = set(table.columns)
    findings = [
        Finding("missing_column", table.file, 1, name, None, f"the column of {what}")
        for name, what in expected.items()
        if name not in present
    ]
    return whole(len(expected), findings)


def register_columns(case: Case) -> list[Part]:
    """Declared register columns that the register lacks."""
    register, columns = case.raw.municipalities, case.study.register_columns
    if register is None:
        return whole(0, [])
    findings = [
        Finding("register_column", register.file, 1, column, None, f"the register's {name}")
        for name, column in columns.items()
        if column not in register.columns
    ]
    return whole(len(columns), findings)


def undeclared_columns(case: Case) -> list[Part]:
    """Columns of the data set that no question or background variable declares."""
    expected = expected_columns(case.study)
    table = case.raw.dataset
    if not names_columns(table.columns, case.study):
        # the header may be a line of answers
        found = f"{len(table.columns)} names, none of them declared"
        wanted = "a header line with the names of the variables (is it missing?)"
        missing = Finding("undeclared_column", table.file, 1, None, found, wanted, "fact")
        return whole(len(table.columns), [missing])
    listed = list(map(column_shown, case.study.background_columns))
    known = f"questions/*.yaml declares or one of {listed}"
    findings = [
        Finding(
            "undeclared_column",
            table.file,
            1,
            name,
            column_shown(name),
            f"a variable that {known}",
            "fact",
        )
        for name in table.columns
        if name not in expected
    ]
    return whole(len(table.columns), findings)


def column_types(case: Case) -> list[Part]:
    """Columns of codes or numbers in which most filled cells are not numbers."""
    findings, checked = [], 0
    for own in case.judged.judgements.values():
        item = own.item
        checked += 1
        filled = [text for text in own.texts if text.text]
        cells = sum(text.cells for text in filled)
        no_number = sum(text.cells for text in own.broken if not _is_number(text.text))
        if no_number > MOSTLY * cells:
            holds = "numbers" if item.type == "numeric" else "codes"
            found = f"text in {no_number} of {cells} filled cells"
            expected = f"{holds} ({item.id}; are columns shifted?)"
            findings.append(
                Finding("column_type", case.file, 1, item.variable, found, expected, "fact")
            )
    return whole(checked, findings)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def unique_municipalities(case: Case) -> list[Part]:
    """Municipalities that the register repeats, by code or name, or that have neither."""
    register, columns = case.raw.municipalities, case.study.register_columns
    if register is None:
        return whole(0, [])
    findings = []
    for name in ("code", "name"):
        findings += _repeated(register, str(columns[name]))
    return whole(2 * len(register.rows), findings)


def _repeated(register: RawTable, column: str) -> list[Finding]:
    if column not in register.columns:
        return []
    position = register.position(column)
    first: dict[str, int] = {}
    findings = []
    for line, row in zip(register.lines, register.rows, strict=True):
        value = plain(row[position])
        if not value:
            expected = "an identifier of the municipality"
        elif value in first:
            expected = f"every municipality once (first on row {first[value]})"
        else:
            first[value] = line
            continue
        findings.append(
            Finding("unique_municipality", register.file, line, column, value, expected, "fact")
        )
    return findings


def row_counts(case: Case) -> list[Part]:
    """Files with more or fewer records than the source sheet declares."""
    described = [(t, f) for t, f in case.raw.described(case.sheet) if f.rows is not None]
    sheet = case.sheet.path.name
    findings = [
        Finding(
            "row_count", table.file, None, None, f"{table.count} lines of data",
            f"{file.rows} as {sheet} declares (is the file truncated, or another one?)", "fact",
        )
        for table, file in described
        if file.rows != table.count
    ]  # fmt: skip
    return whole(len(described), findings)


def checksums(case: Case) -> list[Part]:
    """Files whose sha256 differs from that in the source sheet."""
    described = [(t, f) for t, f in case.raw.described(case.sheet) if f.sha256 is not None]
    sheet = case.sheet.path.name
    findings = [
        Finding(
            "checksum", table.file, None, None, f"sha256 {table.sha256[:12]}…",
            f"sha256 {str(file.sha256)[:12]}… as {sheet} declares; if you intended the change, "
            "update the source sheet", "fact",
        )
        for table, file in described
        if file.sha256 != table.sha256
    ]  # fmt: skip
    return whole(len(described), findings)


def frame_counts(case: Case) -> list[Part]:
    """Compares invitations with the frame: municipalities, the total, numbers per municipality.

    Quarantined lines are not invitations. Municipalities in `municipalities_without_invitations` of
    the source sheet have none, every other one has at least one.
    """
    register, column, sheet = case.raw.municipalities, case.study.municipality_column, case.sheet
    columns = case.study.register_columns
    if register is None or column is None or not case.judged.wide.has(column):
        return whole(0, [])
    if columns["name"] not in register.columns:
        return whole(0, [])
    names = [plain(row[register.position(columns["name"])]) for row in register.rows]
    invited: Counter[str] = Counter()
    for name, lines in case.connection.execute(
        f"SELECT {quote(column)}, count(*) "
        f"FROM {case.without_rejected(case.judged.wide.relation)} GROUP BY ALL"
    ).fetchall():
        invited[plain(name)] += lines
    numbers: dict[str, str] = {plain(name): str(n) for name, n in sheet.invited_by.items()}
    uninvited = set(map(plain, sheet.without_invitations))
    if columns.get("invited") in register.columns:
        place = register.position(columns["invited"])
        numbers |= {n: row[place].strip() for n, row in zip(names, register.rows, strict=True)}
    said = f"{sheet.path.name} (municipalities_without_invitations)"
    wanted: list[tuple[str, int, str]] = []
    for name in dict.fromkeys(names):
        if name in numbers:
            if read_number(numbers[name]) != invited[name]:
                wanted.append((name, invited[name], f"{numbers[name]} as declared"))
        elif name in uninvited:
            if invited[name]:
                wanted.append((name, invited[name], f"none, as {said} says"))
        elif not invited[name]:
            wanted.append((name, 0, f"at least one, or the name in {said}"))
    findings = [
        Finding(
            "frame_counts",
            case.file,
            None,
            column,
            f"{n} invitations to {name}",
            expected,
            "fact",
        )
        for name, n, expected in wanted
    ]
    findings += [
        Finding(
            "frame_counts", sheet.path.name, None, None, name,
            f"a municipality named in {register.file}", "fact",
        )
        for name in dict.fromkeys((*sheet.without_invitations, *sheet.invited_by))
        if plain(name) not in names
    ]  # fmt: skip
    total = invited.total()
    if sheet.invited is not None and total != sheet.invited:
        findings.append(
            Finding(
                "frame_counts", case.file, None, None, f"{total} invitations",
                f"{sheet.invited} as {sheet.path.name} declares", "fact",
            )
        )  # fmt: skip
    return whole(len(set(names)) + (sheet.invited is not None), findings)

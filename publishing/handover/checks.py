"""Validates the files with the tool or the rules of each format.

Every function returns a list of problems, empty if there are none.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree as ET

import pandas as pd

from publishing.handover import answers, codebook, crate, events, package
from publishing.handover.answers import AnswerTable
from publishing.handover.event_schema import EVENT
from publishing.published import PublishedWave

# the path of the schema of DDI-Codebook 2.5, whose licence keeps it out of this checkout
SCHEMA = "SAMSPIL_DDI_SCHEMA"
# the elements of a variable in the order of the schema
ORDER = ("labl", "qstn", "invalrng", "sumStat", "catgry", "varFormat")
MOST = 5
Problems = list[str]


def codebook_problems(folder: Path, table: AnswerTable | None) -> Problems:
    """Check the structure of the codebook, and its variables and counts against the answers.

    If SAMSPIL_DDI_SCHEMA names codebook.xsd of DDI-Codebook 2.5, the file is validated with it too.
    """
    path = folder / codebook.FILE
    try:
        root = ET.parse(path).getroot()  # noqa: S314 (we wrote it a moment ago)
    except (OSError, ET.ParseError) as error:
        return [f"{path.name} cannot be read: {error}"]
    found = [] if root.tag == f"{{{codebook.NAMESPACE}}}codeBook" else [f"root is {root.tag}"]
    space = {"d": codebook.NAMESPACE}
    if root.find("d:stdyDscr/d:citation/d:titlStmt/d:titl", space) is None:
        found.append("stdyDscr has no title")
    variables = root.findall("d:dataDscr/d:var", space)
    names = [str(var.get("name")) for var in variables]
    wanted = [v.name for v in table.variables] if table is not None else []
    if names != wanted:
        found.append(f"variables are {names[:MOST]} ..., expected {wanted[:MOST]} ...")
    ids = [element.get("ID") for element in root.iter() if element.get("ID")]
    found += ["an ID occurs twice"] if len(ids) != len(set(ids)) else []
    for var, variable in zip(variables, table.variables if table else (), strict=False):
        found += _variable_problems(var, variable, table.frame[variable.name] if table else None)
    return [*found[:MOST], *_by_schema(path)]


def _variable_problems(
    var: ET.Element, variable: answers.HandoverVariable, values: Any
) -> Problems:
    space, name = {"d": codebook.NAMESPACE}, variable.name
    places = [ORDER.index(e.tag.rpartition("}")[2]) for e in var if _known(e)]
    found = [] if len(places) == len(var) and places == sorted(places) else [f"{name}: order"]
    found += [] if var.find("d:labl", space) is not None else [f"{name}: no label"]
    codes = [int(e.text or -1) for e in var.findall("d:catgry/d:catValu", space)]
    if codes != list(variable.values):
        found.append(f"{name}: codes are {codes}, expected {list(variable.values)}")
    counts = [int(e.text or -1) for e in var.findall("d:catgry/d:catStat", space)]
    own = values.dropna().astype("float64").value_counts()
    expected = [int(own.get(float(code), 0)) for code in variable.values]
    if counts != expected:
        found.append(f"{name}: counts are {counts}, expected {expected}")
    stated = {e.get("type"): int(e.text or -1) for e in var.findall("d:sumStat", space)}
    if sum(stated.values()) != len(values):
        found.append(f"{name}: valid and invalid are {stated}, expected {len(values)} in total")
    return found


def _known(element: ET.Element) -> bool:
    return element.tag.rpartition("}")[2] in ORDER


def _by_schema(path: Path) -> Problems:
    schema = os.environ.get(SCHEMA)
    if not schema:
        return []
    import xmlschema

    errors = xmlschema.XMLSchema(schema, allow="local").iter_errors(str(path))
    return [str(error.reason) for error, _ in zip(errors, range(MOST), strict=False)]


def package_problems(folder: Path) -> Problems:
    """Problems that Frictionless finds in the package: types, headers, bytes, hashes."""
    import frictionless

    report = frictionless.validate(str(folder / package.FILE))
    errors = [*report.errors, *(error for task in report.tasks for error in task.errors)]
    return [f"{error.title}: {error.message}" for error in errors[:MOST]]


def answers_problems(folder: Path, table: AnswerTable) -> Problems:
    """Read the file back with pyreadstat and compare codes, labels, missing values and texts."""
    import pyreadstat

    found: Problems = []
    frame, meta = pyreadstat.read_sav(str(folder / answers.SAV), user_missing=True)
    wanted = [v.name for v in table.variables]
    if list(frame.columns) != wanted:
        return [
            f"{answers.SAV}: columns are {list(frame.columns)[:MOST]}, expected {wanted[:MOST]}"
        ]
    for variable in table.variables:
        own = table.frame[variable.name].astype("float64")
        if not own.equals(frame[variable.name].astype("float64")):
            found.append(f"{answers.SAV}: {variable.name} has other values")
        labels = {int(k): v for k, v in meta.variable_value_labels.get(variable.name, {}).items()}
        if sorted(labels) != sorted(variable.values):
            found.append(f"{answers.SAV}: {variable.name} labels {list(labels)}")
        ranges = meta.missing_ranges.get(variable.name, [])
        missing = {int(cast("Any", r)["lo"]) for r in ranges}
        if missing != set(variable.missing):
            found.append(f"{answers.SAV}: {variable.name} has missing values {missing}")
    import duckdb

    with duckdb.connect() as connection:
        name = str(folder / answers.PARQUET)
        read = connection.read_parquet(name).df()
    if list(read.columns) != wanted or not _same(read, table.frame):
        found.append(f"{answers.PARQUET} has other rows or columns than the answers")
    texts = [str(c) for c in read if not pd.api.types.is_numeric_dtype(read[c])]
    return [*found[:MOST], *(f"{answers.PARQUET}: {name} holds text" for name in texts)]


def _same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    return one.astype("float64").equals(other.astype("float64"))


def crate_problems(folder: Path) -> Problems:
    """Read the crate with rocrate.

    The root needs the entries of a deposit, and every file must be present with its hash.
    """
    from rocrate.rocrate import ROCrate

    try:
        read = ROCrate(str(folder))
    except Exception as error:  # the library passes on the errors of its parser
        return [f"{crate.FILE} cannot be read: {error}"]
    # check the file as written, because the library fills in missing entries
    graph = json.loads((folder / crate.FILE).read_text(encoding="utf-8"))["@graph"]
    root: dict[str, Any] = next((entity for entity in graph if entity["@id"] == "./"), {})
    needed = ("name", "description", "datePublished", "license")
    found = [f"the root has no {name}" for name in needed if not root.get(name)]
    listed = set()
    for entity in read.get_by_type("File"):
        path = folder / str(entity.id)
        listed.add(str(entity.id))
        if not path.is_file():
            found.append(f"{entity.id} is not there")
        elif entity.get("sha256") != hashlib.sha256(path.read_bytes()).hexdigest():
            found.append(f"{entity.id} is not the file that is described")
    written = [path.name for path in folder.glob("*.csv")]
    found += [f"{name} is not listed" for name in written if name not in listed]
    return found[:MOST]


def events_problems(folder: Path, wave: PublishedWave) -> Problems:
    """Check each event by its schema. The inputs of an event must be outputs of earlier events.

    No table may be missing.
    """
    import jsonschema

    validator, found = jsonschema.Draft202012Validator(EVENT), list[str]()
    made: dict[str, set[str]] = {}
    path = folder / events.FILE
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            event = json.loads(line)
        except ValueError as error:
            found.append(f"line {number}: {error}")
            continue
        errors = [error.message for error in validator.iter_errors(event)]
        found += [f"line {number}: {message}" for message in errors[:1]]
        if not errors:
            found += [f"line {number}: {text}" for text in _lineage_problems(event, made)]
    wanted = {f"tables/{table.id}" for table in wave.tables if table.cells}
    wanted |= {tabulated.asset for tabulated in wave.tabulated.values()}
    found += [f"no event makes {name}" for name in sorted(wanted - set(made))]
    return found[:MOST]


def _lineage_problems(event: dict[str, Any], made: dict[str, set[str]]) -> Problems:
    found = []
    named = {one["name"] for one in event["inputs"]}
    for output in event["outputs"]:
        facets = output["facets"]
        columns = {field["name"] for field in facets["schema"]["fields"]}
        for column, own in facets["columnLineage"]["fields"].items():
            found += [] if column in columns else [f"lineage of {column}, which is not a column"]
            for source in own["inputFields"]:
                name, known = source["name"], made.get(source["name"])
                if name not in named:
                    found.append(f"{column} comes from {name}, which is not an input")
                raw = name.startswith("raw/") or name == "counts/status"
                if not raw and source["field"] not in (known or set()):
                    found.append(f"{column} comes from {name}.{source['field']}, not made before")
        made[output["name"]] = columns
    return found

"""The codebook in DDI-Codebook 2.5: study, file, every variable with wording, codes and counts."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd

from declarations.labels import Label
from publishing.handover.answers import PARQUET, SAV, AnswerTable, HandoverVariable
from publishing.published import PublishedWave
from runtime.safe_text import visible

FILE = "codebook.xml"
NAMESPACE = "ddi:codebook:2_5"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NOT_A_NAME = re.compile(r"[^A-Za-z0-9_.-]")


def write_codebook(wave: PublishedWave, table: AnswerTable | None, folder: Path) -> Path:
    """Write codebook.xml. Without respondent-level data it has variables and codes, no counts."""
    ET.register_namespace("", NAMESPACE)
    path = folder / FILE
    tree = ET.ElementTree(codebook_xml(wave, table))
    ET.indent(tree)
    tree.write(path, encoding="utf-8", xml_declaration=True)
    return path


def codebook_xml(wave: PublishedWave, table: AnswerTable | None) -> ET.Element:
    """The codebook as XML."""
    study = wave.study
    root = ET.Element(_tag("codeBook"), {"version": "2.5", LANG: "da"})
    described = _add(_add(root, "docDscr"), "citation")
    _text(_add(described, "titlStmt"), "titl", f"Codebook: {study.title.en}, {wave.wave}", "en")
    citation = _add(_add(root, "stdyDscr"), "citation")
    title = _add(citation, "titlStmt")
    _text(title, "titl", f"{study.title.da}, {wave.wave}", "da")
    _text(title, "parTitl", f"{study.title.en}, {wave.wave}", "en")
    _text(title, "IDNo", f"{study.id}-{wave.wave}")
    if study.source.authors:
        responsible = _add(citation, "rspStmt")
        for author in study.source.authors:
            _text(responsible, "AuthEnty", author)
    if study.source.publisher:
        _text(_add(citation, "prodStmt"), "producer", study.source.publisher)
    info = _add(root.find(_tag("stdyDscr")), "stdyInfo")
    for language, text in (("da", wave.sheet.statement.da), ("en", wave.sheet.statement.en)):
        _text(info, "abstract", text, language)
    summary = _add(info, "sumDscr")
    _text(summary, "collDate", wave.wave)
    _text(summary, "anlyUnit", "respondent", "en")
    kind = "constructed survey data" if wave.sheet.constructed else "survey data"
    _text(summary, "dataKind", kind, "en")
    variables = table.variables if table is not None else ()
    for number, name in enumerate((SAV, PARQUET) if table is not None else (), start=1):
        assert table is not None
        file = _add(_add(root, "fileDscr", ID=f"F{number}"), "fileTxt")
        _text(file, "fileName", name)
        size = _add(file, "dimensns")
        _text(size, "caseQnty", str(len(table.frame)))
        _text(size, "varQnty", str(len(variables)))
    data = _add(root, "dataDscr")
    for question in dict.fromkeys(v.question for v in variables if v.question):
        own = " ".join(_id(v) for v in variables if v.question == question)
        group = _add(data, "varGrp", ID=f"G_{NOT_A_NAME.sub('_', question)}", var=own)
        label = study.in_wave(wave.wave).question[question].label
        _labels(group, label)
    for variable in variables:
        assert table is not None
        _variable(data, variable, table.frame[variable.name])
    return root


def _variable(data: ET.Element, variable: HandoverVariable, values: pd.Series) -> None:
    interval = "contin" if variable.continuous else "discrete"
    var = _add(data, "var", ID=_id(variable), name=variable.name, intrvl=interval, files="F1 F2")
    _labels(var, variable.label)
    wording = variable.wording or (variable.label.da if variable.question else "")
    if wording:
        _text(_add(var, "qstn"), "qstnLit", wording, "da")
    if variable.missing:
        invalid = _add(var, "invalrng")
        for code in variable.missing:
            _add(invalid, "item", VALUE=str(code))
    valid = int(values.notna().sum())
    known = values.dropna()
    missing = int(known.isin(variable.missing).sum()) if variable.missing else 0
    _text(var, "sumStat", str(valid - missing), type="vald")
    _text(var, "sumStat", str(len(values) - valid + missing), type="invd")
    counted = known.astype("float64").value_counts()
    for code, label in variable.values.items():
        gone = {"missing": "Y"} if code in variable.missing else {}
        category = _add(var, "catgry", **gone)
        _text(category, "catValu", str(code))
        _labels(category, label)
        _text(category, "catStat", str(int(counted.get(float(code), 0))), type="freq")
    _add(var, "varFormat", type="numeric", schema="other")


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _id(variable: HandoverVariable) -> str:
    return f"V_{variable.name}"


def _add(parent: ET.Element | None, tag: str, /, **attributes: str) -> ET.Element:
    assert parent is not None
    return ET.SubElement(parent, _tag(tag), attributes)


def _text(
    parent: ET.Element, tag: str, text: str, language: str = "", /, **attributes: str
) -> None:
    element = _add(parent, tag, **attributes)
    if language:
        element.set(LANG, language)
    element.text = visible(text)


def _labels(parent: ET.Element, label: Label) -> None:
    _text(parent, "labl", label.da, "da")
    if label.en != label.da:
        _text(parent, "labl", label.en, "en")

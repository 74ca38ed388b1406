"""Exports of other platforms, made from their documentation (docs/platforms.md) with a seed.

Each function writes files into a folder and returns the counts of pandas: for every question, how
often each answer was given, by its text, and for tick boxes how often each was ticked.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl

Counts = dict[str, Counter[str]]
AGREE = ["Meget enig", "Enig", "Hverken enig eller uenig", "Uenig", "Meget uenig"]
MEDIA = ["Radio", "Avis, trykt", "Tv", "Internet (mobil)"]
TOWN = ["København", "Aarhus; midtby", "Ærø"]
WORDS = ["Det var en god oplevelse, synes jeg", "Meget dårlig kaffe, men pænt vejr",
         "Intet at sige", "Flere cykelstier, tak; og bedre lys"]  # fmt: skip


class Answers:
    """The answers of this many people, the same for every platform with one seed."""

    def __init__(self, people: int = 60, seed: int = 7) -> None:
        rng = random.Random(seed)
        self.people = people
        self.agree = [rng.choice([*AGREE, ""]) for _ in range(people)]
        self.town = [rng.choice(TOWN) for _ in range(people)]
        self.media = [[m for m in MEDIA if rng.random() < 0.4] for _ in range(people)]
        self.rows = {
            row: [rng.choice([*AGREE, ""]) for _ in range(people)] for row in ("Kaffe", "Te")
        }
        self.age = [rng.randrange(18, 90) for _ in range(people)]
        self.words = [
            f"{rng.choice(WORDS)} {n}" if rng.random() < 0.4 else "" for n in range(people)
        ]

    @property
    def counts(self) -> Counts:
        """Counts by pandas: single questions, grid lines, boxes."""
        found = {"agree": Counter(a for a in self.agree if a), "town": Counter(self.town)}
        found["media"] = Counter(m for own in self.media for m in own)
        for row, given in self.rows.items():
            found[row] = Counter(a for a in given if a)
        return found

    @property
    def base(self) -> int:
        """Respondents who ticked any box."""
        return sum(map(bool, self.media))


def write_csv(
    path: Path, lines: list[list[Any]], delimiter: str = ",", encoding: str = "utf-8"
) -> Path:
    """Lines as a delimited file."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(lines)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(stream.getvalue().encode(encoding))
    return path


def write_book(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    """Lines as the sheets of a workbook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(path)
    return path


def stamp(n: int) -> str:
    """A moment."""
    return f"2024-03-{1 + n % 28:02d} 10:{n % 60:02d}:00"


# LimeSurvey --------------------------------------------------------------------------------------


def lime_table(a: Answers, full: bool, headings: str = "codes") -> list[list[Any]]:
    """The responses as codes or in full, headed by codes or by texts."""
    names = ["id", "submitdate", "lastpage", "startlanguage", "seed", "enig", "by"]
    texts = ["Response ID", "Date submitted", "Last page", "Start language", "Seed",
             "Er du enig?", "Hvor bor du?"]  # fmt: skip
    for n, m in enumerate(MEDIA, start=1):
        names.append(f"medier[SQ{n:03d}]")
        texts.append(f"Hvilke medier bruger du? [{m}]")
    names += ["drik[SQ001]", "drik[SQ002]", "alder", "ord"]
    texts += ["Hvad kan du lide? [Kaffe]", "Hvad kan du lide? [Te]", "Alder", "Ord"]
    lines: list[list[Any]] = [names if headings == "codes" else texts]
    for n in range(a.people):
        agree, town = a.agree[n], a.town[n]
        line: list[Any] = [n + 1, stamp(n), 3, "da", 1000 + n]
        line.append(agree if full else agree and f"A{AGREE.index(agree) + 1}")
        line.append(town if full else f"{TOWN.index(town) + 1:02d}")
        line += [
            ("Ja" if full else "Y") if m in a.media[n] else ("Nej" if full else "") for m in MEDIA
        ]
        for row in ("Kaffe", "Te"):
            given = a.rows[row][n]
            line.append(given if full else given and f"A{AGREE.index(given) + 1}")
        line += [f"{a.age[n]}.0000000000", a.words[n]]
        lines.append(line)
    return lines


def lss(newer: bool) -> str:
    """The survey structure; from version 4 on texts are in separate tables."""
    asked = [("1", "enig", "L", "Er du enig?"), ("2", "by", "!", "Hvor bor du?"),
             ("3", "medier", "M", "<p>Hvilke medier bruger du?</p>"),
             ("4", "drik", "F", "Hvad kan du lide?"), ("5", "alder", "N", "Alder"),
             ("6", "ord", "T", "Ord")]  # fmt: skip
    parts = [("3", str(10 + n), f"SQ{n:03d}", m) for n, m in enumerate(MEDIA, start=1)]
    parts += [("4", "21", "SQ001", "Kaffe"), ("4", "22", "SQ002", "Te")]
    answers = [(q, f"A{n}", t) for q in ("1", "4") for n, t in enumerate(AGREE, start=1)]
    answers += [("2", f"{n:02d}", t) for n, t in enumerate(TOWN, start=1)]

    def table(name: str, rows: list[dict[str, str]]) -> str:
        body = "".join(
            "<row>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in row.items()) + "</row>"
            for row in rows
        )
        return f"<{name}><rows>{body}</rows></{name}>"

    questions = [{"qid": q, "parent_qid": "0", "type": t, "title": code, "other": "N",
                  **({} if newer else {"question": text, "language": "da"})}
                 for q, code, t, text in asked]  # fmt: skip
    subs = [{"qid": q, "parent_qid": p, "type": "T", "title": code,
             **({} if newer else {"question": text, "language": "da"})}
            for p, q, code, text in parts]  # fmt: skip
    given = [{"aid": str(n), "qid": q, "code": code, "sortorder": str(n),
              **({} if newer else {"answer": text, "language": "da"})}
             for n, (q, code, text) in enumerate(answers, start=1)]  # fmt: skip
    more = ""
    if newer:
        texts = [{"qid": q, "question": text, "language": "da"} for q, _, _, text in asked]
        texts += [{"qid": q, "question": text, "language": "da"} for _, q, _, text in parts]
        more = table("question_l10ns", texts)
        told = [
            {"aid": str(n), "answer": t, "language": "da"}
            for n, (_, _, t) in enumerate(answers, start=1)
        ]
        more += table("answer_l10ns", told)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><document><LimeSurveyDocType>Survey'
        "</LimeSurveyDocType><languages><language>da</language></languages>"
        + table("answers", given) + table("questions", questions) + table("subquestions", subs)
        + more + "</document>"
    )  # fmt: skip


def limesurvey(folder: Path, a: Answers, shape: str) -> Path:
    """Codes with an .lss (older, newer), codes with answers in full, answers in full alone."""
    if shape == "full answers alone":
        return write_csv(folder / "results.csv", lime_table(a, True, "texts"))
    write_csv(folder / "results.csv", lime_table(a, False), ";" if shape == "newer lss" else ",",
              "utf-8-sig")  # fmt: skip
    if shape == "codes and answers":
        write_csv(folder / "results_full.csv", lime_table(a, True, "texts"), encoding="utf-8-sig")
    else:
        (folder / "survey.lss").write_text(lss(shape == "newer lss"), encoding="utf-8")
    return folder


# Qualtrics ---------------------------------------------------------------------------------------


def qualtrics(folder: Path, a: Answers, shape: str) -> Path:
    """Choice texts, numeric values with a .qsf, or values split into columns (TSV, UTF-16)."""
    codes = shape != "choice text"
    split = shape == "split columns"
    names = ["StartDate", "EndDate", "Finished", "ResponseId", "Q1", "Q2"]
    texts = ["Start Date", "End Date", "Finished", "Response ID", "Er du enig?", "Hvor bor du?"]
    if split:
        names += [f"Q3_{n}" for n in range(1, 5)]
        texts += [f"Hvilke medier bruger du? - Selected Choice - {m}" for m in MEDIA]
    else:
        names.append("Q3")
        texts.append("Hvilke medier bruger du?")
    names += ["Q4_1", "Q4_2", "Q5", "Q6"]
    texts += ["Hvad kan du lide? - Kaffe", "Hvad kan du lide? - Te", "Alder", "Ord"]
    lines: list[list[Any]] = [
        names,
        texts,
        [json.dumps({"ImportId": f"QID{n}"}) for n in range(len(names))],
    ]
    for n in range(a.people):

        def scaled(text: str) -> str:
            return str(AGREE.index(text) + 1) if codes and text else text

        town = str(TOWN.index(a.town[n]) + 4) if codes else a.town[n]
        line: list[Any] = [stamp(n), stamp(n + 1), "1", f"R_{n:04d}", scaled(a.agree[n]), town]
        if split:
            line += [str(MEDIA.index(m) + 1) if m in a.media[n] else "" for m in MEDIA]
        else:
            line.append(",".join(str(MEDIA.index(m) + 1) if codes else m for m in a.media[n]))
        line += [scaled(a.rows["Kaffe"][n]), scaled(a.rows["Te"][n]), str(a.age[n]), a.words[n]]
        lines.append(line)
    tsv = shape == "split columns"
    name = "survey.tsv" if tsv else "survey.csv"
    write_csv(folder / name, lines, "\t" if tsv else ",", "utf-16" if tsv else "utf-8")
    if codes:
        (folder / "survey.qsf").write_text(json.dumps(qsf()), encoding="utf-8")
    return folder


def qsf() -> dict[str, Any]:
    """The survey's file; towns are recoded from 1, 2, 3 to 4, 5, 6."""

    def question(tag: str, text: str, kind: str, selector: str, **more: Any) -> dict[str, Any]:
        payload = {"DataExportTag": tag, "QuestionText": text, "QuestionType": kind,
                   "Selector": selector, **more}  # fmt: skip
        return {"Element": "SQ", "PrimaryAttribute": tag, "Payload": payload}

    def choices(texts: list[str]) -> dict[str, Any]:
        return {str(n): {"Display": t} for n, t in enumerate(texts, start=1)}

    return {"SurveyEntry": {}, "SurveyElements": [
        {"Element": "BL", "Payload": []},
        question("Q1", "Er du enig?", "MC", "SAVR", Choices=choices(AGREE)),
        question("Q2", "Hvor bor du?", "MC", "DL", Choices=choices(TOWN),
                 RecodeValues={"1": "4", "2": "5", "3": "6"}),
        question("Q3", "Hvilke medier bruger du?", "MC", "MAVR", Choices=choices(MEDIA)),
        question("Q4", "Hvad kan du lide?", "Matrix", "Likert", Choices=choices(["Kaffe", "Te"]),
                 Answers=choices(AGREE)),
        question("Q5", "Alder", "TE", "SL"), question("Q6", "Ord", "TE", "ML"),
    ]}  # fmt: skip


# REDCap ------------------------------------------------------------------------------------------


def redcap(folder: Path, a: Answers, shape: str) -> Path:
    """Raw codes, labels, and codes with events and a negative one; each with the dictionary."""
    labels, negative = shape == "labels", shape == "events"
    own = {m: f"-{n}" if negative and n == 4 else str(n) for n, m in enumerate(MEDIA, start=1)}
    names = ["record_id", *(["redcap_event_name"] if negative else []), "enig", "town"]
    names += [f"media___{own[m].replace('-', '_')}" for m in MEDIA]
    names += ["kaffe", "te", "age", "words", "survey_complete"]
    lines: list[list[Any]] = [names]
    for n in range(a.people):

        def scaled(text: str) -> str:
            return text if labels or not text else str(AGREE.index(text) + 1)

        town = a.town[n] if labels else "abc"[TOWN.index(a.town[n])]
        line: list[Any] = [
            n + 1,
            *(["baseline_arm_1"] if negative else []),
            scaled(a.agree[n]),
            town,
        ]
        yes, no = ("Checked", "Unchecked") if labels else ("1", "0")
        line += [yes if m in a.media[n] else no for m in MEDIA]
        line += [scaled(a.rows["Kaffe"][n]), scaled(a.rows["Te"][n]), a.age[n], a.words[n],
                 "Complete" if labels else "2"]  # fmt: skip
        lines.append(line)
    write_csv(folder / "data.csv", lines)
    scale = " | ".join(f"{n}, {t}" for n, t in enumerate(AGREE, start=1))
    head = ["Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
            "Choices, Calculations, OR Slider Labels", "Field Note",
            "Text Validation Type OR Show Slider Number"]  # fmt: skip
    media = " | ".join(f"{own[m]}, {m}" for m in MEDIA)
    town = " | ".join(f"{c}, {t}" for c, t in zip("abc", TOWN, strict=True))
    fields = [["record_id", "text", "Record ID", "", ""],
              ["enig", "radio", "Er du enig?", scale, ""],
              ["town", "dropdown", "Hvor bor du?", town, ""],
              ["media", "checkbox", "Hvilke medier bruger du?", media, ""],
              ["kaffe", "radio", "Kaffe", scale, ""], ["te", "radio", "Te", scale, ""],
              ["age", "text", "Alder", "", "integer"],
              ["words", "notes", "Ord", "", ""]]  # fmt: skip
    dictionary = [head, *([n, "survey", "", t, label, c, "", v] for n, t, label, c, v in fields)]
    write_csv(folder / "DataDictionary.csv", dictionary)
    return folder


# SurveyMonkey ------------------------------------------------------------------------------------


def surveymonkey(folder: Path, a: Answers, shape: str) -> Path:
    """Condensed texts (CSV), condensed in a workbook, or all columns expanded."""
    expanded = shape == "expanded"
    top: list[Any] = ["Respondent ID", "Collector ID", "Start Date", "End Date"]
    below: list[Any] = ["", "", "", ""]

    def add(question: str, *parts: str) -> None:
        top.extend([question, *[""] * (len(parts) - 1)])
        below.extend(parts)

    add("Er du enig?", *(AGREE if expanded else ["Response"]))
    add("Hvor bor du?", "Response")
    add("Hvilke medier bruger du?", *MEDIA, "Andet (angiv venligst)")
    add("Hvad kan du lide?", "Kaffe", "Te")
    add("Alder", "Open-Ended Response")
    add("Ord", "Open-Ended Response")
    lines = [top, below]
    for n in range(a.people):
        line: list[Any] = [str(10_000_000 + n), "501", stamp(n), stamp(n + 1)]
        line += [a.agree[n] if a.agree[n] == t else "" for t in AGREE] if expanded else [a.agree[n]]
        line += [a.town[n], *(m if m in a.media[n] else "" for m in MEDIA)]
        line += [f"noget {n}" if n % 20 == 0 else "", a.rows["Kaffe"][n], a.rows["Te"][n]]
        lines.append([*line, str(a.age[n]), a.words[n]])
    if shape == "workbook":
        return write_book(folder / "Sheet_1.xlsx", {"Sheet": lines})
    return write_csv(folder / "survey.csv", lines)


# Google and Microsoft Forms ----------------------------------------------------------------------


def google_forms(folder: Path, a: Answers, shape: str) -> Path:
    """The sheet as CSV, the form's own CSV (semicolons), or the sheet as a workbook."""
    by = ";" if shape == "form csv" else ", "
    head = ["Tidsstempel" if shape == "workbook" else "Timestamp", "Er du enig?", "Hvor bor du?",
            "Hvilke medier bruger du?", "Hvad kan du lide? [Kaffe]", "Hvad kan du lide? [Te]",
            "Alder", "Ord"]  # fmt: skip
    lines: list[list[Any]] = [head]
    for n in range(a.people):
        lines.append([
            f"{1 + n % 28:02d}/03/2024 10.{n % 60:02d}.00", a.agree[n], a.town[n],
            by.join(a.media[n]), a.rows["Kaffe"][n], a.rows["Te"][n], a.age[n], a.words[n],
        ])  # fmt: skip
    if shape == "workbook":
        return write_book(folder / "svar.xlsx", {"Formularsvar 1": lines})
    return write_csv(folder / "responses.csv", lines)


def microsoft_forms(folder: Path, a: Answers, shape: str) -> Path:
    """The workbook, in English or Danish, or a CSV that a Danish Excel saved."""
    english = ["ID", "Start time", "Completion time", "Email", "Name"]
    danish = ["ID", "Starttidspunkt", "Fuldførelsestidspunkt", "Mail", "Navn"]
    head = [*(english if shape == "english" else danish), "Er du enig?", "Hvor bor du?",
            "Hvilke medier bruger du?\u00a0", "Kaffe", "Te", "Alder", "Ord"]  # fmt: skip
    lines: list[list[Any]] = [head]
    for n in range(a.people):
        media = "".join(f"{m};" for m in a.media[n])
        lines.append([n + 1, stamp(n), stamp(n + 1), "anonymous", "", a.agree[n], a.town[n], media,
                      a.rows["Kaffe"][n], a.rows["Te"][n], a.age[n], a.words[n]])  # fmt: skip
    if shape == "csv":
        return write_csv(folder / "svar.csv", lines, ";", "cp1252")
    return write_book(folder / "Form.xlsx", {"Form1": lines})


# KoboToolbox -------------------------------------------------------------------------------------


def kobo(folder: Path, a: Answers, shape: str) -> Path:
    """Values with the form (both columns of boxes), labels with the form, values in one column."""
    labels, single = shape == "labels", shape == "one column"
    slug = {t: f"a{n}" for n, t in enumerate(AGREE, start=1)}
    slug |= {t: f"m_{n}" for n, t in enumerate(MEDIA, start=1)} | {
        t: f"t{n}" for n, t in enumerate(TOWN)
    }

    def told(text: str) -> str:
        return text if labels or not text else slug[text]

    names = {"enig": "Er du enig?", "by": "Hvor bor du?", "medier": "Hvilke medier bruger du?",
             "kaffe": "Kaffe", "te": "Te", "alder": "Alder", "ord": "Ord"}  # fmt: skip
    heads = {code: text if labels else f"baggrund/{code}" if code == "alder" else code
             for code, text in names.items()}  # fmt: skip
    boxes = [] if single else [f"{heads['medier']}/{told(m)}" for m in MEDIA]
    head = ["start", "end", heads["enig"], heads["by"], heads["medier"], *boxes, heads["kaffe"],
            heads["te"], heads["alder"], heads["ord"], "_id", "_uuid", "_submission_time",
            "_index"]  # fmt: skip
    lines: list[list[Any]] = [head]
    for n in range(a.people):
        ticked = [("1" if m in a.media[n] else "0") if a.media[n] else "" for m in MEDIA]
        lines.append([
            stamp(n), stamp(n + 1), told(a.agree[n]), told(a.town[n]),
            " ".join(told(m) for m in a.media[n]), *([] if single else ticked),
            told(a.rows["Kaffe"][n]), told(a.rows["Te"][n]), a.age[n], a.words[n],
            1000 + n, f"u-{n}", stamp(n), n + 1,
        ])  # fmt: skip
    if shape == "labels":
        write_book(folder / "data.xlsx", {"data": lines})
    else:
        write_csv(folder / "data.csv", lines, ";")
    survey: list[list[Any]] = [["type", "name", "label::Dansk (da)"]]
    survey += [["start", "start", ""], ["select_one enighed", "enig", names["enig"]],
               ["select_one byer", "by", names["by"]],
               ["select_multiple medier or_other", "medier", names["medier"]],
               ["select_one enighed", "kaffe", "Kaffe"], ["select_one enighed", "te", "Te"],
               ["begin_group", "baggrund", "Baggrund"], ["integer", "alder", "Alder"],
               ["end_group", "", ""], ["text", "ord", "Ord"]]  # fmt: skip
    choices: list[list[Any]] = [["list_name", "name", "label::Dansk (da)"]]
    for listed, texts in (("enighed", AGREE), ("byer", TOWN), ("medier", MEDIA)):
        choices += [[listed, slug[t], t] for t in texts]
    write_book(
        folder / "form.xlsx", {"survey": survey, "choices": choices, "settings": [["title"]]}
    )
    return folder


# Enalyzer and any table --------------------------------------------------------------------------


def any_table(a: Answers, codes: bool) -> list[list[Any]]:
    """A table with a header; codes where a codebook gives their labels."""
    head = ["nr", "enig", "town", *(f"m{n}" for n in range(1, 5)), "kaffe", "te", "age", "words"]
    lines: list[list[Any]] = [head]
    for n in range(a.people):

        def scaled(text: str) -> Any:
            return AGREE.index(text) + 1 if codes and text else text

        town = f"0{TOWN.index(a.town[n]) + 1}" if codes else a.town[n]
        boxes = [1 if m in a.media[n] else 0 for m in MEDIA]
        lines.append([f"r{n}", scaled(a.agree[n]), town, *boxes, scaled(a.rows["Kaffe"][n]),
                      scaled(a.rows["Te"][n]), a.age[n], a.words[n]])  # fmt: skip
    return lines


def codebook(shape: str) -> list[list[Any]]:
    """A line per variable, or a line per code."""
    scale, town = list(enumerate(AGREE, 1)), [(f"0{n}", t) for n, t in enumerate(TOWN, 1)]
    told: list[tuple[str, str, list[Any]]] = [
        ("nr", "Nummer", []), ("enig", "Er du enig?", scale), ("town", "Hvor bor du?", town),
        *((f"m{n}", f"Hvilke medier bruger du? - {m}", [(0, "Nej"), (1, "Ja")])
          for n, m in enumerate(MEDIA, 1)),
        ("kaffe", "Hvad kan du lide? - Kaffe", scale), ("te", "Hvad kan du lide? - Te", scale),
        ("age", "Alder", []), ("words", "Ord", []),
    ]  # fmt: skip
    if shape == "long":
        lines: list[list[Any]] = [["Variable", "Label", "Code", "Code label"]]
        for name, text, codes in told:
            lines += [[name, text, c, t] for c, t in codes] or [[name, text, "", ""]]
        return lines
    by, sign = (" | ", ", ") if shape == "bars" else ("; ", "=")
    cells = [by.join(f"{c}{sign}{x.replace(';', ',')}" for c, x in own) for _, _, own in told]
    lines = [[n, t, cell] for (n, t, _), cell in zip(told, cells, strict=True)]
    return [["variable", "label", "codes"], *lines]


def plain(folder: Path, a: Answers, shape: str) -> Path:
    """Texts alone, or codes with a codebook of one of three shapes."""
    if shape == "texts":
        return write_csv(folder / "answers.csv", any_table(a, False), ";", "cp1252")
    if shape == "workbook":
        return write_book(folder / "answers.xlsx", {"Ark1": any_table(a, False)})
    write_csv(folder / "answers.csv", any_table(a, True))
    lines = codebook(shape)
    if shape == "long":
        write_book(folder / "codebook.xlsx", {"codebook": lines})
    else:
        write_csv(folder / "codebook.csv", lines)
    return folder


def enalyzer(folder: Path, a: Answers, shape: str) -> Path:
    """Texts, values with a codebook, or names above texts in a workbook."""
    if shape == "texts":
        return write_csv(folder / "data.csv", any_table(a, False), ";", "utf-8-sig")
    if shape == "values":
        write_book(folder / "data.xlsx", {"Data": any_table(a, True)})
        write_csv(folder / "codebook.csv", codebook("bars"))
        return folder
    lines = any_table(a, False)
    texts = ["Respondentens nummer", "Er du enig i det?", "Hvor bor du henne?",
             *(f"Hvilke medier bruger du? - {m}" for m in MEDIA), "Hvad kan du lide? - Kaffe",
             "Hvad kan du lide? - Te", "Hvor gammel er du?", "Skriv nogle ord her"]  # fmt: skip
    return write_book(folder / "data.xlsx", {"Data": [lines[0], texts, *lines[1:]]})


SHAPES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "limesurvey": (
        limesurvey,
        ("older lss", "newer lss", "codes and answers", "full answers alone"),
    ),
    "qualtrics": (qualtrics, ("choice text", "values and qsf", "split columns")),
    "redcap": (redcap, ("raw", "labels", "events")),
    "surveymonkey": (surveymonkey, ("condensed", "workbook", "expanded")),
    "google_forms": (google_forms, ("sheet csv", "form csv", "workbook")),
    "microsoft_forms": (microsoft_forms, ("english", "danish", "csv")),
    "kobo": (kobo, ("both", "labels", "one column")),
    "enalyzer": (enalyzer, ("texts", "values", "two headers")),
    "plain": (plain, ("texts", "workbook", "equals", "bars", "long")),
}

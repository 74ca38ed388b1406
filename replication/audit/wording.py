"""The arithmetic of a finding in one language, in the words of the report.

Rules give their arithmetic in English with ids. `arithmetic_in_words` replaces ids by labels. For
Danish it also replaces paraphrases, labels and the fixed phrases of the rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from declarations.claims.kinds import Ranking
from declarations.labels import Label
from replication.audit.danish import PHRASES
from replication.consistency.printed_report import Layout

DA, EN = "da", "en"
LANGUAGES = (DA, EN)
# English phrases for what the predicates expect
PLAIN: tuple[tuple[str, str], ...] = (
    (r"; mean (\d(?:[\d.]*\d)?)", r" (mean \1)"),
    (r"(?m)^stated p >= (\S+?)(?: throughout)?, print gives ",
     r"Read as no significant difference (p of at least \1); the figures give "),
    (r"(?m)^stated (.+?), p < (\S+), print gives ",
     r"Read as \1, with p < \2; the figures give "),
    (r"(?m)^stated (\d.*?), print gives ", r"The text says \1; the figures give "),
    (r"(?m)^stated (.+?), print gives ", r"Read as \1; the figures give "),
    (r", 1 more as said\b", "; the other is as the text says"),
    (r", (\d+) more as said\b", r"; the other \1 are as the text says"),
    (r"(?m)^(p < \S+) is printed; ", r"printed \1; the figures give "),
    (r", and these are all answers: 100", "; these are all answers and add up to 100"),
    (r"\bnearly times (\d(?:[\d.]*\d)?)", r"nearly \1 times as many"),
    (r"\btimes (\d(?:[\d.]*\d)?)", r"\1 times as many"),
    (r"\b(?:top set|top): ", "highest: "),
    (r"\b(?:bottom set|bottom): ", "lowest: "),
    (r"\bhigh: ", "above the average: "),
    (r"\blow: ", "below the average: "),
    (r"\bsection Resumé\b", "the summary"),
    (r"\bSection Resumé\b", "The summary"),
    (r"\bsection (\d+)\b(?!\.\d)", r"chapter \1"),
    (r"\bSection (\d+)\b(?!\.\d)", r"Chapter \1"),
    (r"\b[Tt]able A(\d)", r"Appendix Table \1"),
    (r"\bp ?(<=|>=|<|>) ?(?=\.?\d)", r"p \1 "),
)  # fmt: skip


TWO_PLACES = ("Rounded from", "Cut, not rounded")


def all_in_words(texts: Iterable[str], language: str, layout: Layout) -> dict[str, str]:
    """The result of `arithmetic_in_words` for many single-line texts, by text.

    They are converted together, so that the words of a study are searched once and not per text.
    """
    found: dict[str, str] = {}
    distinct = dict.fromkeys(texts)
    for precise in (True, False):
        own = [t for t in distinct if any(word in t for word in TWO_PLACES) == precise]
        if own:
            result = arithmetic_in_words("\n".join(own), language, layout).split("\n")
            found |= dict(zip(own, result, strict=True))
    return found


def arithmetic_in_words(text: str, language: str, layout: Layout) -> str:
    """The arithmetic in one language, with labels in place of ids and figures as readers see them.

    Paraphrases and labels are protected while the words around them change.
    """
    kept: list[str] = []

    def put_aside(found: str) -> str:
        kept.append(found)
        return f"\0{len(kept) - 1}\0"

    statements = layout.once(_statements, language)
    for english in sorted((e for e in statements if e in text), key=len, reverse=True):
        text = text.replace(english, put_aside(statements[english]))
    for english, label in layout.once(_readings, language).items():
        for start in ("(", ". "):
            text = text.replace(f"{start}{english}: ", f"{start}{put_aside(label)}: ")
    for pattern, plain in PLAIN:
        text = re.sub(pattern, plain, text)
    text = re.sub(r"\bmunicipality (\d+(?:, \d+)*)", lambda m: _named(m[1], layout), text)
    ids = layout.once(_ids, language)
    names = {name: put_aside(label) for name, label in ids.items() if name in text}
    text = _replaced(text, names, r"(?<![\w“:])(%s)(?!\w)")
    text = figures_text(text)
    if language == DA:
        text = danish_arithmetic(text, layout, put_aside)
    for number in reversed(range(len(kept))):
        text = text.replace(f"\0{number}\0", kept[number])
    return text


def danish_arithmetic(text: str, layout: Layout, put_aside: Callable[[str], str]) -> str:
    """English arithmetic in Danish."""
    for label in layout.once(_labels):
        for own in (label.en, label.da):
            if own in text:
                text = text.replace(own, put_aside(label.da))
    for pattern, plain in PHRASES:
        text = re.sub(pattern, plain, text)
    return numbers_text(text, DA)


def numbers_text(text: str, language: str) -> str:
    """Numbers in the notation of a language: in Danish with a decimal comma and a leading 0.

    A bound of p has blanks around its sign in both languages.

    Numbers of sections and tables, and thousands, keep their point.
    """
    text = re.sub(r"\bp ?(<=|>=|<|>) ?(?=\.?\d)", r"p \1 ", text)
    if language != DA:
        return text
    text = re.sub(r"(?<![\w.])\.(\d+)", r"0.\1", text)
    text = re.sub(r"(?<![\w.])0\.(\d+)", r"0,\1", text)
    text = re.sub(r"(?<![\w.])(\d+)\.(\d{1,2}|\d{4,})(?!\d|\.\d)", r"\1,\2", text)
    return re.sub(r"\b([Aa]fsnit|[Tt]abel|[Bb]ilagstabel) (\d+),(\d+)", r"\1 \2.\3", text)


def figures_text(text: str) -> str:
    """Figures as shown to readers: 39.27% is 39.3 %, 55.32 is 55.3, 4.00 is 4; p is unchanged."""
    places = 2 if any(word in text for word in TWO_PLACES) else 1

    def percent(found: re.Match[str]) -> str:
        return f"{float(found[1]):.{places}f} %"

    def number(found: re.Match[str]) -> str:
        value = float(found[1])
        return f"{value:.0f}" if found[1].endswith(".00") else f"{value:.1f}"

    text = re.sub(r"(\d+\.\d+)%", percent, text)
    text = re.sub(r"(\d)%", r"\1 %", text)
    return re.sub(r"(?<![\d.<>=] )(?<![\d.])(\d+\.\d{2})(?![\d%]|\.\d| %)", number, text)


def _statements(layout: Layout, language: str) -> dict[str, str]:
    """The paraphrase of each statement by its English one, with and without the full stop."""
    labels = [claim.statement for claim in layout.claims]
    found = {label.en: getattr(label, language) for label in labels}
    return found | {en.rstrip("."): text.rstrip(".") for en, text in found.items()}


def _readings(layout: Layout, language: str) -> dict[str, str]:
    """The name of each reading by its English name."""
    labels = [r.label for claim in layout.claims for r in claim.readings if r.label is not None]
    return {label.en: getattr(label, language) for label in labels}


def _labels(layout: Layout) -> list[Label]:
    """Labels of items, questions and levels, the longest first."""
    study = layout.study
    found = [item.label for item in study.items.values()]
    found += [question.label for question in study.questions]
    found += [level.label for group in study.groups for level in group.levels]
    return sorted(dict.fromkeys(found), key=lambda label: len(label.en), reverse=True)


def _ids(layout: Layout, language: str) -> dict[str, str]:
    """The label of an id in a language. Plain words and plain numbers stay.

    400 is a number of respondents, not the code of Bornholm; `_named` reads explicit codes.
    """
    study = layout.study
    found = {
        level.key: getattr(level.label, language)
        for group in study.groups
        for level in group.levels
        if "_" in level.key or any(c.isdigit() for c in level.key) or group.overlapping
    }
    for claim in layout.claims:
        if isinstance(claim, Ranking):
            found |= {name: getattr(own, language) for name, own in claim.among.names.items()}
    named = {i.id: getattr(i.label, language) for i in study.items.values() if "_" in i.id}
    return {name: label for name, label in (found | named).items() if not name.isdigit()}


def _named(codes: str, layout: Layout) -> str:
    """Replace codes of municipalities by names, from the table that lists them."""
    identity = {g.id for g in layout.study.groups if g.kind == "identity"}
    names = {f.cell.level: f.cell.row_label.da for f in layout.figures if f.cell.group in identity}
    return ", ".join(names.get(code, code) for code in codes.split(", "))


def _replaced(text: str, names: Mapping[str, str], around: str) -> str:
    known = sorted((name for name in names if name in text), key=len, reverse=True)
    if not known:
        return text
    pattern = around % "|".join(map(re.escape, known))
    return re.sub(pattern, lambda found: names[found[0]], text)

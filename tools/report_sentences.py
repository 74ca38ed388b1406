"""Reads the running text of a printed report as sections, paragraphs and sentences.

The locator of a claim (section, paragraph, sentence) refers to this reading. The report is plain
text: lines are wrapped and hyphenated, blank lines separate paragraphs, form feeds separate pages.
Tables, captions, headings and page numbers are not paragraphs. A paragraph that a page break or a
table interrupts counts as one. Paragraphs are counted within a section, sentences within a
paragraph, both from 1. Footnotes are separate sections, such as `3.1 note 15`. The rules are in
docs/audit-method.md.
"""

from __future__ import annotations

import argparse
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from declarations import SpecError, Study, load_study
from declarations.claims.claim import read_claims
from declarations.errors import Mistakes, found_expected
from declarations.model import mistake_at

HEADING = re.compile(r"^(\d(?:\.\d){0,2}|Resumé|Bilag)\s*(\D.*)?$")
TITLES = {"Afslutning og perspektivering": "Resumé"}
NOTE = re.compile(r"^(\d{1,2}) {2}\S")
BULLET = re.compile(r"^(?:[•\-–o\uf0b7]|\d\.)\s+")
ENDS = re.compile(r"[.:;?!](?:[’”)\d]|\s)*$")
# A sentence ends in a mark, optionally a quotation mark or a note's number; a capital follows.
SENTENCE = re.compile(
    r"(?<=[a-zæøå\d)’”%][.?!:])(?<!\bdvs\.)(?<!\bbl\.a\.)(?<!\bca\.)(?<!\bevt\.)(?<!\binkl\.)"
    r"(?<!\bvedr\.)(?<!\bafd\.)(?<!\bjf\.)(?<!\bm\.fl\.)(?<!\bf\.eks\.)(?<!\bmin\.)(?<!\bmax\.)"
    r"(?:\d{1,2})?\s+(?=[A-ZÆØÅ’”\d])"
)
CAPTION = re.compile(r"^(Tabel|Bilagstabel|Figur) \d")
SHORTEST = 60  # minimum length of a full line of a paragraph


@dataclass(frozen=True)
class Sentence:
    """One sentence of the report; `paragraph` and `number` count from 1."""

    section: str
    paragraph: int
    number: int
    text: str

    @property
    def locator(self) -> str:
        """Section, paragraph and sentence as one name."""
        return f"{self.section} §{self.paragraph}.{self.number}"


def read_report(path: Path) -> list[Sentence]:
    """All sentences of the running text, in order."""
    text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8")).replace("\u00ad", "")
    found = []
    for section, paragraph, prose in _paragraphs(text):
        for number, sentence in enumerate(_sentences(prose), 1):
            found.append(Sentence(section, paragraph, number, sentence))
    return found


def mark_of(text: str) -> str:
    """The mark of a sentence in its locator: eight digits of a hash of its letters and digits."""
    return sha256(_letters(text).encode()).hexdigest()[:8]


def find_sentences(sentences: Sequence[Sentence], wanted: str) -> list[Sentence]:
    """The sentence with a locator, or all sentences that contain some words."""
    letters = _letters(wanted)
    return [s for s in sentences if s.locator == wanted.strip()] or [
        s for s in sentences if letters and letters in _letters(s.text)
    ]


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def check_locators(study: Study, sentences: Sequence[Sentence]) -> None:
    """Raise SpecError with every claim, with file and line, whose sentence is elsewhere."""
    known = {(s.section, s.paragraph, s.number): s for s in sentences}
    marks = {mark_of(s.text): s for s in sentences}
    mistakes = Mistakes()
    for own in read_claims(study).values():
        for number, claim in enumerate(own):
            if claim.at is None:
                continue
            place = (claim.section, claim.at.paragraph, claim.at.sentence)
            sentence, meant = known.get(place), marks.get(claim.at.mark)
            if sentence is not None and mark_of(sentence.text) == claim.at.mark:
                continue
            wanted = "a sentence of the report" if sentence is None else "the mark of its sentence"
            problem = found_expected(f"{place[0]} \N{SECTION SIGN}{place[1]}.{place[2]}", wanted)
            path, at = study.folder / claim.source, ("claims", number, "at")
            near = (meant.locator,) if meant else ()
            mistakes.add(mistake_at(path, claim.source, at, problem, *near))
    mistakes.stop()


def _sentences(prose: str) -> list[str]:
    return [part for part in SENTENCE.split(prose) if part.strip()]


def _paragraphs(text: str) -> Iterator[tuple[str, int, str]]:
    section, open_text = "", ""
    counted: dict[str, int] = {}

    def closed() -> Iterator[tuple[str, int, str]]:
        nonlocal open_text
        if open_text and section:
            counted[section] = counted.get(section, 0) + 1
            yield section, counted[section], open_text
        open_text = ""

    for block in _blocks(text):
        heading = _section(block)
        if heading:
            yield from closed()
            section = heading
        elif note := NOTE.match(block[0]):
            name = f"{section.partition(' note')[0]} note {note[1]}"
            yield name, 1, _joined(block)[len(note[1]) :].strip()
        elif _is_prose(block, bool(open_text) and not ENDS.search(open_text)):
            prose = _joined(block)
            if open_text and not ENDS.search(open_text):
                open_text = _joined([open_text, prose])
            else:
                yield from closed()
                open_text = prose
    yield from closed()


def _blocks(text: str) -> Iterator[list[str]]:
    """Lines of one block; headings, bullets, notes and captions begin a new one."""
    block: list[str] = []
    for raw in text.split("\n"):
        line = raw.strip(" \f\t")
        if block and re.match(r"[ \f]\S", raw) and (NOTE.match(block[0]) or _is_table_note(block)):
            # a footnote ends with its page
            yield block
            block = []
        if not line or line.isdigit():
            if block:
                yield block
            block = []
            continue
        starts = NOTE.match(line) or BULLET.match(line) or CAPTION.match(line) or _section([line])
        if block and (starts or _section(block)):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _section(block: list[str]) -> str:
    if len(block) != 1 or len(block[0]) > 110:
        return ""
    line = block[0]
    if line in TITLES:
        return TITLES[line]
    found = HEADING.match(line)
    if not found or line.endswith((".", ":", ";")) or "%" in line:
        return ""
    if found[2] and not re.match(r"^[A-ZÆØÅ][a-zæøå]+", found[2]):
        return ""
    if found[1].isdigit() and "." not in found[1] and len(line) > 60:
        return ""
    return found[1]


def _is_prose(block: list[str], continued: bool) -> bool:
    if CAPTION.match(block[0]) or _is_table_note(block):
        return False
    full = sum(len(line) >= SHORTEST for line in block)
    if BULLET.match(block[0]) and len(" ".join(block)) > 25:
        return True
    if len(block) == 1:
        return bool(len(block[0]) > 40 and re.search(r"[a-zæøå]{3,}[.:]\s*$", block[0])) or (
            continued and bool(re.match(r"^[a-zæøå]", block[0])) and bool(ENDS.search(block[0]))
        )
    return full >= max(1, (len(block) - 1) * 0.6) and sum(
        c.isdigit() for c in " ".join(block)
    ) < 0.2 * len(" ".join(block))


def _is_table_note(block: list[str]) -> bool:
    return block[0].startswith(("Note:", "*", "N ="))


def _joined(lines: list[str]) -> str:
    text = ""
    for line in lines:
        if (
            text.endswith("-")
            and re.match(r"^[a-zæøå]", line)
            and not re.match(r"^(og|eller) ", line)
        ):
            text = text[:-1] + line
        elif text.endswith("/"):
            text += line
        else:
            text = f"{text} {line}".strip()
    return re.sub(r"\s+", " ", text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the locators of a study's claims against the text of the report, or find a sentence."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("report", type=Path, help="the text of the report")
    parser.add_argument("--study", type=Path, default=Path("studies/samspil"))
    parser.add_argument("--find", help="a locator (2.1 \N{SECTION SIGN}1.3) or words of a sentence")
    options = parser.parse_args(arguments)
    try:
        sentences = read_report(options.report)
        if options.find:
            own = find_sentences(sentences, options.find)
            for one in own:
                sys.stdout.write(f"{one.locator} (mark {mark_of(one.text)}): {one.text}\n")
            return 0 if own else 1
        check_locators(load_study(options.study), sentences)
    except SpecError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

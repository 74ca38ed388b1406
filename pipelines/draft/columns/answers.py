"""Classifies a column by its cells and labels: codes, a number with special values, or text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from assets.raw.cells.reading import THOUSANDS, read_number
from assets.raw.readers.numbers import code_text
from declarations.survey.questions import Numbers
from pipelines.draft.columns.scales import known_scale, numbered_scale
from runtime.plain_text import plain
from runtime.private.persons import names_somebody

# as cells are read, 01 is not a code
WHOLE = re.compile(r"0|-?[1-9][0-9]{0,8}")
SHORT_CODE = re.compile(r"0|-?[1-9][0-9]{0,3}")
MOST_CODES = 200
# A scale has at most this many answers without a label; with more it is a number.
MOST_UNLABELLED, WIDEST = 12, 20
# With more labelled values than this for one without a label it is a list of codes.
MOST_LABELLED = 2
# Longer numbers may be phone or person numbers.
USUAL_DIGITS, MOST_DIGITS = 6, 9
DECIMAL = re.compile(r"-?[0-9]+([.,])[0-9]+")
# Texts for "no answer": refused, don't know, not applicable.
SPECIAL_WORDS = re.compile(
    r"(?i)\b(?:refus\w*|declin\w*|(?:do )?no?t? ?know|don['’]?t know|dk|na|n/a|no answer|not? "
    r"(?:answered|applicable|asked|stated|relevant)|missing|prefer not|(?:will|would|does) not|"
    r"ved ikke|ved det ikke|vet ikke|vet ej|vet inte|veit ikkje|vil ikke|ønsker ikke|ikke "
    r"(?:svaret|besvaret|relevant|oplyst|stillet|spurgt|aktuelt|valgt)|ubesvaret|ubesvart|uoplyst|"
    r"uoppgitt|irrelevant|intet svar|inap\w*|skip\w*|system|weiß nicht|keine angabe|trifft nicht)\b"
)
# 97 "97 or older" is counted like any other number
TOP_CODED = re.compile(
    r"(?i)\b(?:or|and|eller|og)\s+(?:more|over|older|above|higher|mere|derover|ældre|flere|fler|"
    r"mer|eldre|under|less|fewer|younger|below|derunder|yngre|færre)\b|[0-9]\s*\+"
)
NINES = re.compile(r"-[0-9]+|[7-9]{1,5}|9+[0-9]")


class DraftCode(NamedTuple):
    """A code.

    Without text it occurs only in the data; `value` is the text of a cell, if different.
    """

    code: int
    text: str | None
    value: str | None = None
    missing: bool = False


Codes = tuple[DraftCode, ...]


@dataclass(frozen=True)
class JudgedColumn:
    """A column: closed with codes, numeric with special values and settings, or neither."""

    codes: Codes = ()
    special: Codes = ()
    numeric: bool = False
    numbers: Mapping[str, Any] | None = None
    odd: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()


def judge_column(cells: Sequence[str], labelled: Mapping[str, str]) -> JudgedColumn:
    """Classify a column with labels, or one that the export calls closed."""
    seen = {plain(code_text(cell)) for cell in set(cells) if plain(cell)}
    known = {plain(code): text for code, text in labelled.items()}
    whole = {int(code): text for code, text in known.items() if WHOLE.fullmatch(code)}
    others = {code: text for code, text in known.items() if not WHOLE.fullmatch(code)}
    kept = {code: text for code, text in others.items() if code in seen or not whole}
    if not whole and not any(code in seen for code in kept):
        # the labels belong to something other than codes
        kept = {} if any(not code_like(code) for code in kept) else kept
    odd = tuple(code for code in others if code not in kept)
    loose = seen - {str(code) for code in whole} - set(kept)
    if kept:
        return JudgedColumn(_text_codes(known, whole, kept, loose), odd=odd)
    if not whole:
        return _unlabelled(loose, odd, [cell for cell in cells if plain(cell)])
    numbers = {text for text in loose if read_number(text, ANY) is not None}
    special = {code for code, text in whole.items() if is_special(code, text, set(whole))}
    if numbers and len(numbers) == len(loose):
        found = _numeric(numbers, whole, special, cells)
        if found is not None:
            return found
    return JudgedColumn(_scale(whole, special, loose), odd=odd, comments=_ends_only(whole, loose))


ANY = Numbers(negative=True, decimal=None, digits=MOST_DIGITS)


def code_like(text: str) -> bool:
    """Whether a text may be a code: one short word."""
    return len(text) <= 8 and " " not in text and text not in ("", "x")


def _unlabelled(seen: Collection[str], odd: tuple[str, ...], filled: Sequence[str]) -> JudgedColumn:
    """Codes of a column that the export calls closed but does not label, if all cells are codes."""
    codes = sorted(int(text) for text in seen if SHORT_CODE.fullmatch(text))
    if len(codes) < len(seen) or len(codes) > MOST_CODES:
        return JudgedColumn(coded_texts(filled), odd=odd) if filled else JudgedColumn(odd=odd)
    return JudgedColumn(tuple(DraftCode(code, None) for code in codes), odd=odd)


def is_special(code: int, text: str, known: Collection[int]) -> bool:
    """Whether a labelled code means "no answer": by its words, and by its distance from others."""
    if TOP_CODED.search(text):
        return False
    others = [other for other in known if other != code and not NINES.fullmatch(str(other))]
    apart = code < 0 or not others or code > max(others) + 1
    return bool(SPECIAL_WORDS.search(text)) and (apart or bool(NINES.fullmatch(str(code)))) and (
        code < 0 or code >= 7
    )  # fmt: skip


def _numeric(
    numbers: set[str], whole: Mapping[int, str], special: set[int], cells: Sequence[str]
) -> JudgedColumn | None:
    """A number with special values, if the unlabelled answers are many or far apart."""
    values = [float(text.replace(",", ".")) for text in numbers]
    rest = set(whole) - special
    among = [float(code) for code in rest]
    span = max([*values, *among]) - min([*values, *among])
    fractions = any(value != int(value) for value in values)
    if not fractions and len(numbers) <= MOST_UNLABELLED and span <= WIDEST:
        return None
    # labelled values far from the numbers are all special, whatever their text
    apart = {
        code
        for code, text in whole.items()
        if NINES.fullmatch(str(code))
        and (code < min(values) or code > max(values))
        and not TOP_CODED.search(text)
    }
    special = special | apart
    rest -= apart
    if len(rest) > MOST_LABELLED * len(numbers) and not fractions:
        return None
    found = number_settings([cell for cell in cells if plain(cell)])
    if found is None:
        return None
    comments = [f"guess: a number, because {len(numbers)} of its values have no label"]
    if special:
        comments.append("guess: its labelled values are not numbers and never enter a mean")
    if rest:
        names = ", ".join(str(code) for code in sorted(rest)[:8])
        comments.append(f"labels of these numbers are not shown: {names}")
    codes = tuple(DraftCode(c, text, missing=True) for c, text in whole.items() if c in special)
    return JudgedColumn(special=codes, numeric=True, numbers=found, comments=tuple(comments))


def number_settings(cells: Iterable[str]) -> dict[str, Any] | None:
    """The declaration of a column's numbers; None if some cells are not numbers.

    If a number may be thousands, other cells of the column decide the decimal sign. If they do not,
    the column is not numeric.
    """
    distinct = {plain(cell) for cell in cells}
    if not distinct or any(as_number(t) is None for t in distinct):
        return None
    facts: dict[str, Any] = {}
    if any(text.startswith("-") for text in distinct):
        facts["negative"] = True
    digits = max(len(re.split(r"[.,]", text.lstrip("-"))[0]) for text in distinct)
    if digits > USUAL_DIGITS:
        facts["digits"] = digits
    if any(THOUSANDS.fullmatch(text.lstrip("-")) for text in distinct):
        signs = {
            found.group(1)
            for text in distinct
            if (found := DECIMAL.fullmatch(text)) and not THOUSANDS.fullmatch(text.lstrip("-"))
        }
        used = {found.group(1) for text in distinct if (found := DECIMAL.fullmatch(text))}
        if len(signs) != 1 or used != signs:
            return None
        facts["decimal"] = {".": "point", ",": "comma"}[signs.pop()]
    return facts


def as_number(text: str) -> float | None:
    """The number in a text with a comma or a point; None if it is not a number."""
    return read_number(text, _either(text))


def _either(text: str) -> Numbers:
    return Numbers(negative=True, decimal="comma" if "," in text else "point", digits=MOST_DIGITS)


def _text_codes(
    known: Iterable[str], whole: Mapping[int, str], texts: Mapping[str, str], loose: set[str]
) -> Codes:
    """Codes for cells that are not whole numbers: the digits of the cell, or else its position.

    The order is that of the labels (`known`).
    """
    taken = set(whole)
    codes = [DraftCode(code, text) for code, text in whole.items()]
    place = {value: at for at, value in enumerate(known)}
    for value, text in texts.items():
        digits = re.search(r"([0-9]{1,4})\D*$", value)
        code = int(digits.group(1)) if digits else 0
        if not code or code in taken or code > 9_000:
            code = next(n for n in range(1, len(taken) + 2) if n not in taken)
        taken.add(code)
        codes.append(DraftCode(code, text, value, is_special(code, text, taken)))
    codes.sort(key=lambda each: place.get(each.value or str(each.code), 0))
    extra = sorted(int(text) for text in loose if SHORT_CODE.fullmatch(text))
    return (*codes, *(DraftCode(code, None) for code in extra if code not in taken))


def _scale(whole: Mapping[int, str], special: set[int], loose: Collection[str]) -> Codes:
    """Labelled codes in page order, and codes that occur only in the data; see `ordered`."""
    # A stray text among labelled codes is left to the scale check. A text longer than a code may be
    # a phone or person number and is not written into a study.
    extra = sorted(int(text) for text in loose if SHORT_CODE.fullmatch(text))
    codes = [DraftCode(code, text, missing=code in special) for code, text in whole.items()]
    return ordered(codes + [DraftCode(code, None) for code in extra])


def _ends_only(whole: Mapping[int, str], loose: Collection[str]) -> tuple[str, ...]:
    valid = [code for code in whole if whole[code]]
    between = [t for t in loose if SHORT_CODE.fullmatch(t) and min(valid) < int(t) < max(valid)]
    return (
        (("guess: a scale with labels at its ends only, in the order of its codes"),)
        if between
        else ()
    )


def ordered(codes: Iterable[DraftCode]) -> Codes:
    """Codes with and without labels, by number unless the labels have another order.

    Missing values come last. So do negative codes without a label, unless the scale has labelled
    negative codes.
    """
    given = list(codes)
    labelled = [c.code for c in given if c.text is not None and not c.missing]
    bare = [c.code for c in given if c.text is None and c.value is None]
    if not labelled or not bare or any(c.value is not None for c in given):
        return tuple(given)
    between = any(min(labelled) < code < max(labelled) for code in bare)
    if between or labelled == sorted(labelled):
        low = min(labelled)
        given.sort(key=lambda each: (each.missing, each.code < 0 <= low, each.code))
    return tuple(given)


def like_numbers_of_people(filled: Sequence[str]) -> bool:
    """Whether long whole numbers are all different, like phone and person numbers."""
    long = [cell for cell in filled if len(re.sub(r"[^0-9]", "", cell)) > USUAL_DIGITS]
    return bool(long) and len(set(filled)) == len(filled) and all(map(str.isdigit, filled))


# Recurring texts are answers; longer or unique ones were written by respondents.
MOST_TEXTS, LONGEST_TEXT, LEAST_REPEATED = 25, 120, 2.0


def coded_texts(filled: Sequence[str]) -> Codes:
    """A scale for answers that are a few texts; empty if they are not.

    Texts of a known scale are in its order, numbered ones (`A1`, `1 - low`) by number, others by
    frequency.
    """
    counted = Counter(plain(cell) for cell in filled)
    few = len(counted) <= MOST_TEXTS and LEAST_REPEATED * len(counted) <= len(filled)
    if len(counted) < 2 or not (few or known_scale(counted)):
        return ()
    if any(len(text) > LONGEST_TEXT or names_somebody(text) for text in counted):
        return ()
    texts = known_scale(counted) or numbered_scale(counted)
    texts = texts or [text for text, _ in counted.most_common()]
    own = {int(t): t for t in texts if WHOLE.fullmatch(t)}
    if len(own) == len(texts):
        return tuple(DraftCode(code, None) for code in sorted(own))
    return tuple(
        DraftCode(code, text, text, missing=is_no_answer(text))
        for code, text in enumerate(texts, start=1)
    )


def is_no_answer(text: str) -> bool:
    """Whether a whole answer means "no answer" and is not valid."""
    return REFUSED.fullmatch(text) is not None


REFUSED = re.compile(
    r"(?i)(?:i )?prefer not to (?:say|answer)|refused?|no answer|n/?a|not applicable|"
    r"ønsker ikke at (?:svare|oplyse)|vil ikke (?:svare|oplyse)|ikke (?:relevant|besvaret)"
)

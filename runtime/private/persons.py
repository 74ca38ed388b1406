"""Finds what names a person in a text: addresses, numbers, and names by the words around them.

No list of names is used, because a list would miss other people's names. A name is recognised by a
title or an office before it, by words such as *kontakt* and *hilsen*, by contact details behind it,
or by a surname in -sen. Two capitalised words of an organisation are not a name.
"""

from __future__ import annotations

import functools
import re

from runtime.private.alike import alike, without_shapeless
from runtime.private.contact import CAPITAL, DETAILS, LOWER, UPPER

NAME = "[name]"
# What stays of a match: its first group.
KEPT = r"\1"
# Words of a name of an organisation, of a street and of a post, by their ends.
NO_PERSON = (
    "kommune|region|forening|styrelse|ministerie|ministeri|selskab|universitet|skole|hospital|"
    "sygehus|center|centr|union|råd|fond|institut|nævn|gruppe|afdeling|team|sekretariat|udvalg|"
    "forvaltning|enhed|bureau|statistik|analyse|muse|kirke|kors|hjælp|organisation|jobcenter|politi|"
    "bibliotek|klub|service|parti|klinik|firma|virksomhed|redaktion|butik|"
    "department|agency|council|municipality|office|university|school|committee|association|"
    "society|institute|foundation|ministry|group|unit|centre|company|danmark|denmark|"
    "vej|gade|allé|plads|torv|street|road|avenue|telefon|mobil|mail|nummer|number|phone|"
    "person|borger|deltager|leder|kollega|sir|madam|colleague|participant|tilbud|sagen"
)
# Words that show that a name is one of an organisation or of a part of it.
NO_NAME = (
    "nord|syd|øst|vest|midt|barnet|red|børn|unge|ældre|dansk|danske|danmarks|røde|den|det|de|"
    "sundhed|social|teknik|miljø|kultur|fritid|familie|økonomi|drift|plan|job"
)
ENDINGS = "(?:e|en|et|er|r|n|t|ne|erne|rne|ene|ium|iet|um)?s?"
OF_ORGANISATION = rf"(?i:(?:\w{{0,30}}?(?:{NO_PERSON}){ENDINGS}|{NO_NAME})\b)"
WORD = rf"(?!{OF_ORGANISATION})(?:(?i:al|el|ul)-|[ODd]['’]|Ma?c)?{CAPITAL}(?:-{CAPITAL}){{0,2}}"
MIDDLE = rf"(?: (?:{UPPER}\.|{UPPER}(?= )|von|van|de|der|den|af|el|al|bin|la|le|du)){{0,3}}"
FULL_NAME = (
    rf"{WORD}{MIDDLE}(?: {WORD}){{1,4}}|{UPPER}\.(?: ?{UPPER}\.){{0,3}} {WORD}(?: {WORD}){{0,3}}"
)
# Text that may come between a person and a number or an address.
BETWEEN = (
    r"[\s,;:()/–-]{0,5}(?:(?i:på|tlf|telefon|mobil|mob|e-?mail|mail|nummer|nr|cpr|cpr-nr|adresse|at|on|"
    r"phone|tel|cell|address)\.?[\s,;:()/–-]{0,5}){0,3}"
)
FOUND = r"\[(?:e-mail|number|address)\]"
# After these words, one name is enough to recognise a person.
BEFORE_NAME = (
    r"mvh|(?:venlig|kærlig|bedste|mange) hilsen|(?:venlige|kærlige|bedste|mange) hilsner|"
    r"hilsen(?: fra)?|hilsner(?: fra)?|v/|c/o|att|attn|kontaktperson(?:en)?(?: er)?|"
    r"(?:kind|best|warm) regards|regards|yours (?:sincerely|faithfully)|sincerely|"
    r"jeg hedder|(?:mit|min|dit) (?:for|efter)?navn er|my name is|contact person(?: is)?"
)
# After these words, a first name and a surname are needed.
BEFORE_FULL_NAME = (
    r"kontakt(?:es)?(?: venligst)?(?: til| med)?|ring(?:es|e)?(?: til)?|skriv(?:es|e)?(?: til)?|"
    r"mail(?:es)?(?: til)?|send(?:es)?(?: til)?|sms(?: til)?|henvend(?:else|elser|es)?(?: dig)?"
    r"(?: til)?|spørgsmål(?: til)?|spørg|tal(?: med)?|(?:be|ud|ind)(?:svaret|fyldt|sendt|svares|"
    r"fyldes|sendes) af|underskrevet(?: af)?|navn|ansvarlig|afsender|modtager|kære|hej|"
    r"contact(?: with)?|call|write(?: to)?|reach(?: out to)?|questions(?: to)?|ask|speak(?: to)?|"
    r"(?:answered|completed|filled in|signed|sent) by|name|responsible|dear|hello"
)
OFFICES = (
    r"\w{0,30}?(?:borgmester|direktør|chef|leder|formand|formanden|sekretær|konsulent|rådmand|rektor|"
    r"inspektør|fuldmægtig|medarbejder|koordinator|sagsbehandler|læge|sygeplejerske|advokat|"
    r"professor|provst|præst|biskop|pædagog|lærer|lektor|minister)|mayor|chairman|"
    r"chairwoman|nurse|pastor|bishop|councillor"
)
# Words in lower case that may come between such a word and a name. None of them introduces a place.
FEW_WORDS = (
    r"(?:(?!(?:i|på|fra|hos|om|for|in|at|from|about|for|og|and|or|eller)\b)[a-zæøå]{1,30} ){0,3}"
)
# Surnames in -sen, and the words that end in it as well.
NO_SURNAME = (
    r"\w{0,30}?(?:adressen|lassen|rocessen|assen|ressen|risen|prisen|pausen|rejsen|kursen|pulsen|"
    r"licensen|tendensen|interessen|instansen|ncen|relevansen|balansen|basen|fasen|dosen|posen|"
    r"musen|husen|nonsen|[dgtvjsrnmlp]elsen)"
)
SURNAME = (
    rf"(?!(?i:{NO_SURNAME})\b)(?:{UPPER}{LOWER}{{0,30}}sen|"
    rf"{UPPER}{LOWER}{{1,30}}(?:sson|dóttir|dotter|datter))"
)
# No part of the name of an organisation.
ENDS = rf"\b(?! {OF_ORGANISATION})"
TITLES = "Hr|Fru|Frk|Frøken|Dr|Mr|Mrs|Ms|Miss|Prof"
BEFORE = rf"\b((?i:{BEFORE_FULL_NAME})[.,:]{{0,2}} {FEW_WORDS})"
NAMES = (
    (re.compile(rf"\b(?:{TITLES})\b\.?(?: {UPPER}\.?(?= )){{0,3}}(?: {WORD}){{1,4}}\b"), NAME),
    (
        re.compile(
            rf"\b{WORD} (?:{UPPER}\.? |{CAPITAL} ){{0,2}}(?:{CAPITAL}-)?{SURNAME}\b"
            rf"|\b(?:{UPPER}\. ?){{1,3}}{SURNAME}\b|^{SURNAME}, {WORD}(?: {WORD}){{0,2}}$"
        ),
        NAME,
    ),
    (
        re.compile(rf"(?<![\w/])((?i:{BEFORE_NAME})[.,:]{{0,2}}\s{{0,3}})(?:{FULL_NAME}|{WORD})\b"),
        rf"\1{NAME}",
    ),
    (re.compile(rf"{BEFORE}(?:{FULL_NAME}){ENDS}"), rf"\1{NAME}"),
    (re.compile(rf"{BEFORE}{WORD}\b(?={BETWEEN}{FOUND})"), rf"\1{NAME}"),
    (re.compile(rf"\b((?i:{OFFICES}) )(?:{FULL_NAME}){ENDS}"), rf"\1{NAME}"),
    (re.compile(rf"\b(?:{FULL_NAME})\b(?=, (?:{LOWER}{{1,20}}\.? )?(?i:{OFFICES})\b)"), NAME),
    (re.compile(rf"\b(?:{FULL_NAME})\b(?={BETWEEN}{FOUND})"), NAME),
    (re.compile(rf"({FOUND}[\s,;:/–-]{{0,5}}\(?)(?:{FULL_NAME}){ENDS}"), rf"\1{NAME}"),
)


def names_somebody(text: str) -> bool:
    """Whether a name or label contains anything that `without_persons` removes."""
    return without_persons(text) != text


@functools.lru_cache(maxsize=1 << 12)
def without_persons(text: str) -> str:
    """A label in which addresses, numbers and names of persons are replaced by their kind.

    The function replaces e-mail addresses and profiles; person, telephone and account numbers, and
    any six digits in a row, but no round amounts; streets with a number. It replaces names after a
    title, an office or a word of contact, names with a number or an address, and a first name
    before a surname in -sen. It cannot recognise other names, because they look like any other
    words.
    """
    seen = without_shapeless(text)
    shown, found = alike(seen), seen
    for pattern, instead in (*DETAILS, *NAMES):
        shown, found = _replaced(pattern, instead, shown, found)
    return text if found == seen else found


def _replaced(pattern: re.Pattern[str], instead: str, shown: str, text: str) -> tuple[str, str]:
    """What is found in the first text, replaced in both, which have the same length."""
    parts, others, end = [], [], 0
    keeps = instead.startswith(KEPT)
    for match in pattern.finditer(shown):
        start = match.end(1) if keeps else match.start()
        if start < end:
            continue
        parts += [shown[end:start], instead.removeprefix(KEPT)]
        others += [text[end:start], instead.removeprefix(KEPT)]
        end = match.end()
    return "".join((*parts, shown[end:])), "".join((*others, text[end:]))

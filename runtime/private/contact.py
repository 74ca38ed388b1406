"""Patterns of contact details in a text as `alike` gives it: e-mail, numbers, streets, profiles."""

from __future__ import annotations

import re

EMAIL, NUMBER, ADDRESS = "[e-mail]", "[number]", "[address]"
LOWER = "[a-zß-öø-ÿ]"
UPPER = "[A-ZÀ-ÖØ-Þ]"
# Bounded, as a hostile label may be long.
CAPITAL = f"{UPPER}{LOWER}{{1,30}}"

PART = r"[^\s@,;<>()\[\]]"
AT = r"(?:[(\[{] ?(?:at|snabel-?a|@) ?[)\]}]|\bsnabel-?a\b)"
DOT = r"(?:\.| ?(?:[(\[{] ?(?:dot|punktum|\.) ?[)\]}]|\b(?:dot|punktum)\b) ?)"
PROFILES = "facebook|fb|linkedin|instagram|twitter|x|tiktok|snapchat|github"

# Digits in parts, as in 40 12 34 56 and 01.01.90-1234.
PARTS = r"[0-9](?:[ ().,/-]{0,2}[0-9])"
# After these words shorter numbers are somebody's.
NUMBER_WORDS = (
    r"tlf|telefon|telefonnummer|mobil|mobilnummer|mob|ring|sms|fax|phone|telephone|tel|call|cell|"
    r"cpr|cpr-?nummer|personnummer|person number|ssn|iban|konto|kontonummer|kontonr|account|pas|"
    r"pasnr|pasnummer|passport|medarbejdernr|medarbejdernummer|lønnr|lønnummer|kundenr|"
    r"kundenummer|sagsnr|sagsnummer|journalnr|journalnummer|employee number|kørekort"
)
DAY, MONTH = "(?:0[1-9]|[12][0-9]|3[01])", "(?:0[1-9]|1[0-2])"
# An amount of six or seven digits: 100000, 499999.
AMOUNT = r"[1-9][05]?0{4,6}(?![0-9])|[1-9][49]?9{4,6}(?![0-9])"

# Endings that only streets have, and such that need a postcode or a floor to be one.
STREETS = (
    "vej|vejen|gade|gaden|allé|alle|alléen|stræde|strædet|vænge|vænget|torv|torvet|boulevard|"
    "boulevarden|bakken|brynet|toften|krogen|vangen|svinget|brinken|ageren|skrænten|straße|"
    "strasse|gatan|gata|vägen|veien"
)
STREET_WORDS = (
    "Allé|Alle|Torv|Plads|Vej|Gade|Boulevard|Street|Road|Avenue|Lane|Vænge|Stræde|gate|gata"
)
BEFORE_STREET = (
    rf"(?:(?:Ndr|Sdr|Nr|Gl|Sct|Skt|H\.? ?C|{UPPER})\. ?|(?:Nørre|Sønder|Vester|Øster|Store|Lille|"
    r"Gammel|Ny|Sankt) ){0,2}"
)
FLOOR = r",? (?:[0-9]{1,2}|st|kl)\.(?: ?(?:sal|th|tv|mf)\b\.?){0,2}"
POSTCODE = rf",? (?:[A-Z]{{1,2}}-?)?[0-9]{{3}}(?:[0-9]{{1,2}}| [0-9]{{2}}) {CAPITAL}(?: [A-ZØ]\b)?"
HOUSE = r"\.? [0-9]{1,4} ?(?:[A-Za-z]\b)?"

DETAILS = (
    (re.compile(rf"(?<!{PART})(?:{PART}+@{PART}*|@{PART}+)"), EMAIL),
    (
        re.compile(rf"\b[\w.+-]{{1,64}} ?(?i:{AT}) ?\w[\w-]{{0,64}}(?:(?i:{DOT})[\w-]{{1,64}})*"),
        EMAIL,
    ),
    (
        re.compile(rf"(?i:(?:https?://)?(?:\w{{1,20}}\.)?\b(?:{PROFILES})\.com/[^\s,;<>()]+)"),
        ADDRESS,
    ),
    (re.compile(r"\b[A-Za-z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"), NUMBER),
    (re.compile(r"\b[0-9]{6}(?: ?[-–] ?|[ /]?)[0-9]{4}\b"), NUMBER),
    (re.compile(rf"\b{DAY}([ ./-]?){MONTH}\1[0-9]{{2}}(?: ?[-/] ?| )[0-9]{{4}}\b"), NUMBER),
    (re.compile(rf"\b{DAY}([./-]){MONTH}\1(?:19|20)[0-9]{{2}} ?- ?[0-9]{{4}}\b"), NUMBER),
    (re.compile(rf"(?:\(?\+|\b00(?=[1-9])){PARTS}{{7,14}}"), NUMBER),
    (re.compile(r"\b[0-9]{2}(?:([ ./-])[0-9]{2})(?:\1[0-9]{2}){2}\b"), NUMBER),
    (re.compile(r"\b(?!(?:19|20)[0-9]{2}.(?:19|20))[0-9]{4}[ -][0-9]{4}\b"), NUMBER),
    (re.compile(r"\b[0-9]{3}([ -])(?:[0-9]{2}\1[0-9]{3}|[0-9]{3}\1[0-9]{2})\b"), NUMBER),
    (
        re.compile(
            rf"(\b(?i:{NUMBER_WORDS})\b[.:]{{0,2}} ?"
            r"(?:(?i:nr|nummer|no|til|på|is|er)\b[.:]{0,2} )?)"
            rf"\(?{PARTS}{{4,18}}"
        ),
        rf"\1{NUMBER}",
    ),
    (re.compile(rf"(?!(?<![0-9])(?:{AMOUNT}))(?<![0-9])[0-9]{{6,}}"), NUMBER),
    (
        re.compile(
            rf"\b{BEFORE_STREET}(?:{UPPER}{LOWER}{{0,30}}?(?:{STREETS})|(?:{CAPITAL} ){{1,3}}"
            rf"(?:{STREETS}|{STREET_WORDS}))\b{HOUSE}(?:{FLOOR})?(?:{POSTCODE})?"
        ),
        ADDRESS,
    ),
    # any name with a number, where a floor or a postcode with a town follows
    (
        re.compile(
            rf"\b{BEFORE_STREET}(?:{CAPITAL} ){{0,2}}{CAPITAL}{HOUSE}(?:{FLOOR}(?:{POSTCODE})?|"
            rf",{POSTCODE[2:]})"
        ),
        ADDRESS,
    ),
    (
        re.compile(
            rf"\b[0-9]{{1,5}} (?:{CAPITAL} ){{1,3}}(?:Street|Road|Avenue|Lane|Drive|Terrace|"
            r"Crescent|Boulevard)\b"
        ),
        ADDRESS,
    ),
)

"""Scales that questionnaires use everywhere, in Danish, Norwegian, Swedish and English."""

from __future__ import annotations

import re
from collections.abc import Collection

from runtime.plain_text import same_text

# Each from one end to the other. A bar separates words with the same position.
SCALES = (
    (
        "helt enig|meget enig|strongly agree|fully agree|helt enig(t)?|instämmer helt; "
        "enig|overvejende enig|agree|delvist enig|delvis enig|litt enig|somewhat agree|"
        "slightly agree; "
        "hverken enig eller uenig|hverken/eller|hverken eller|neutral|neither agree nor disagree|"
        "verken enig eller uenig|neither; "
        "uenig|overvejende uenig|delvist uenig|delvis uenig|litt uenig|disagree|somewhat disagree|"
        "slightly disagree; "
        "helt uenig|meget uenig|strongly disagree|fully disagree"
    ),
    (
        "strongly agree; agree; somewhat agree; neither agree nor disagree|"
        "neutral; somewhat disagree; "
        "disagree; strongly disagree"
    ),
    (
        "helt enig; enig; delvist enig|delvis enig; hverken enig eller uenig|hverken/eller; "
        "delvist uenig|delvis uenig; uenig; helt uenig"
    ),
    (
        "meget tilfreds|very satisfied|svært fornøyd|mycket nöjd|extremely satisfied; "
        "tilfreds|satisfied|fornøyd|nöjd|somewhat satisfied|ganske tilfreds; "
        "hverken tilfreds eller utilfreds|hverken/eller|neither satisfied nor dissatisfied|neutral|"
        "verken fornøyd eller misfornøyd; "
        "utilfreds|dissatisfied|misfornøyd|somewhat dissatisfied|ganske utilfreds; "
        "meget utilfreds|very dissatisfied|svært misfornøyd|extremely dissatisfied"
    ),
    (
        "altid|always|alltid; meget ofte|very often; ofte|often|usually; "
        "sommetider|nogle gange|af og til|sometimes|noen ganger|ibland|en gang imellem|"
        "occasionally; "
        "sjældent|seldom|rarely|sjelden|sällan; aldrig|never|aldri"
    ),
    (
        "i meget høj grad|to a very great extent|i svært stor grad; i høj grad|to a great extent|"
        "i stor grad; i nogen grad|to some extent|i noen grad; i mindre grad|i ringe grad|"
        "to a small extent|i liten grad|to a lesser extent; slet ikke|not at all|"
        "ikke i det hele tatt"
    ),
    (
        "meget godt|meget god|very good|excellent|svært bra; godt|god|good|bra; "
        "hverken godt eller dårligt|middel|fair|average|ok; dårligt|dårlig|poor|bad|dårlig; "
        "meget dårligt|meget dårlig|very poor|very bad|svært dårlig"
    ),
    (
        "meget vigtigt|meget vigtig|very important|extremely important; vigtigt|vigtig|important|"
        "somewhat important; mindre vigtigt|mindre vigtig|less important|slightly important; "
        "ikke vigtigt|slet ikke vigtigt|not important|not at all important|unimportant"
    ),
    (
        "meget sandsynligt|very likely|extremely likely; sandsynligt|likely|somewhat likely; "
        "hverken sandsynligt eller usandsynligt|neither likely nor unlikely|neutral; "
        "usandsynligt|unlikely|somewhat unlikely; meget usandsynligt|very unlikely|"
        "extremely unlikely"
    ),
    (
        "dagligt|hver dag|daily|every day; ugentligt|hver uge|weekly|every week; "
        "månedligt|hver måned|monthly|every month; sjældnere|less often|rarely; aldrig|never"
    ),
    "ja|yes|y|true|sand|sandt; delvist|partly|partially; nej|no|n|false|falsk|nei",
    (
        "mand|male|man|mann|dreng|boy; kvinde|female|woman|kvinne|kvinna|pige|girl; "
        "andet|other|non-binary|ikke-binær|anden"
    ),
)
# fmt: on
# These may follow any scale.
LAST = (
    "ved ikke|ved det ikke|don't know|dont know|don’t know|do not know|not sure|unsure|vet ikke",
    "ikke relevant|not applicable|n/a|na|irrelevant",
    (
        "ønsker ikke at svare|vil ikke svare|ønsker ikke at oplyse|prefer not to say|"
        "prefer not to answer|refused|no answer|ubesvaret"
    ),
)
FEWEST = 2


def _places(scale: str) -> dict[str, int]:
    words: dict[str, int] = {}
    for place, alike in enumerate(scale.split(";")):
        for word in alike.split("|"):
            words.setdefault(same_text(word), place)
    return words


KNOWN = tuple(_places(scale) for scale in SCALES)
AFTER = {same_text(w): 100 + n for n, words in enumerate(LAST) for w in words.split("|")}


def known_scale(texts: Collection[str]) -> list[str]:
    """The texts in the order of a known scale; empty if they do not all belong to one."""
    for scale in KNOWN:
        places = {text: scale.get(same_text(text), AFTER.get(same_text(text))) for text in texts}
        own = [place for place in places.values() if place is not None and place < 100]
        if None not in places.values() and len(set(own)) >= FEWEST and len(own) == len(set(own)):
            return sorted(texts, key=lambda text: places[text] or 0)
    return []


NUMBERED = re.compile(r"([A-Za-z]{0,4}_?)([0-9]{1,4})(?![0-9]).*")


def numbered_scale(texts: Collection[str]) -> list[str]:
    """Texts in the order of the numbers they begin with; empty if a text has none."""
    found = {text: NUMBERED.fullmatch(text) for text in texts}
    facts = {text: (m.group(1), int(m.group(2))) for text, m in found.items() if m is not None}
    same = len({prefix for prefix, _ in facts.values()}) == 1
    if len(facts) < len(found) or not same or len(set(facts.values())) < len(facts):
        return []
    return sorted(facts, key=lambda text: facts[text])

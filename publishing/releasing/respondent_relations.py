"""The relations of respondents in the snapshot: copied from database to database, never read."""

from __future__ import annotations

from collections.abc import Iterable

from assets.clean.coded import SCHEMA, long_answers
from assets.clean.people import MEMBERSHIPS_VIEW
from declarations import Study
from runtime.masking import column_shown
from runtime.snapshot import Place, Stored
from runtime.store import Store

ANSWERS, CLEAN = "answers", "clean"
MEMBERSHIPS = (CLEAN, "memberships")
# As large as the wave; what else is published fits into memory many times.
LARGE = {(CLEAN, name) for name in ("invitations", "respondents", "responsibilities")}
NUMBERS = (SCHEMA, "respondents")


def of_respondents(place: Place) -> bool:
    """Whether a published relation has a line for every respondent."""
    return place[0] == ANSWERS or place == MEMBERSHIPS or place in LARGE


def stored_relations(store: Store, published: Iterable[Place], asked: Study) -> Stored:
    """What is copied for these places: answers as codes, and shown long by views."""
    places = [place for place in published if of_respondents(place)]
    tables = [place for place in places if place in LARGE]
    views: dict[Place, str] = {}
    for schema, name in places:
        if schema == ANSWERS:
            tables.append((SCHEMA, name))
            views[schema, name] = _answers(store, name, asked)
    if MEMBERSHIPS in places:
        tables.append((SCHEMA, "memberships"))
        views[MEMBERSHIPS] = MEMBERSHIPS_VIEW
    if views:
        tables.append(NUMBERS)
    return Stored(store, tuple(tables), views)


def _answers(store: Store, name: str, asked: Study) -> str:
    question = asked.question[name]
    with store.connect() as connection:
        known = {
            column
            for (column,) in connection.execute(
                "SELECT column_name FROM information_schema.columns "
                "WHERE table_schema = ? AND table_name = ?",
                [SCHEMA, name],
            ).fetchall()
        }
    items = [item for item in question.items if item.type != "open" and item.id in known]
    return long_answers(question, items, shown=column_shown)

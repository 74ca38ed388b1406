"""The files of the study as text for researchers: short, ordered, with comments on guesses."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from assets.raw.errors import shorten
from declarations.operation import SECTION
from declarations.schema.kinds import schema_header
from declarations.survey.rules import CATALOGUE, WARN, Policy
from pipelines.draft.columns.answers import DraftCode
from pipelines.draft.columns.identity import RespondentColumn
from pipelines.draft.columns.variables import DraftVariable
from pipelines.draft.names import safe_id
from pipelines.draft.recognise import MULTIPLE, SINGLE, DraftQuestion
from runtime.masking import column_shown
from runtime.safe_text import visible

WIDTH = 96
# Rules that the draft sets to warn, because they would judge guessed declarations.
GUESSED = {"drop_out_order": "sections are drafted in tens"}


def quoted(text: str) -> str:
    """Text as a YAML scalar in double quotes, on one line, special characters escaped."""
    dumped: str = yaml.dump(text, default_style='"', allow_unicode=True, width=1 << 30)
    # YAML escapes only some invisible characters; both use the same escapes
    return visible(dumped.removesuffix("\n"))


def commented(text: str) -> str:
    """A comment on one line; line breaks and invisible characters are escaped."""
    return f"# {visible(' '.join(text.split()))}"


def remark(text: str) -> list[str]:
    """A comment on as many lines as it needs."""
    return [commented(line) for line in textwrap.wrap(text, WIDTH)]


def question_yaml(draft: DraftQuestion, order: int, section: str, ids: Mapping[str, str]) -> str:
    """`questions/NN_id.yaml`; `ids` are the items' ids by variable."""
    lines = [line for comment in draft.comments for line in remark(comment)]
    lines += [
        f"id: {_name(draft.id)}",
        f"order: {order}",
        f"section: {section}",
        f"type: {draft.type}",
        f"label: {quoted(draft.label)}",
    ]
    if draft.background:
        lines.append("asked: invitations        # guess: filled on lines without answers")
    if draft.scale:
        lines.append("scale:")
        lines += map(_code, draft.scale)
    if draft.special:
        lines.append("codes:")
        lines += map(_code, draft.special)
    if draft.numbers:
        text = ", ".join(f"{n}: {str(v).lower()}" for n, v in draft.numbers.items())
        lines.append(f"numbers: {{{text}}}")
    lines.append("items:")
    lines += [f"  - {{{entry}}}" for entry in _items(draft, ids)]
    return _joined(lines)


def _code(code: DraftCode) -> str:
    parts = [f"code: {code.code}"]
    if code.value is not None:
        parts.append(f"value: {quoted(code.value)}")
    if code.text is not None:
        parts.append(f"text: {quoted(code.text)}")
    if code.missing:
        parts.append("missing: true")
    return f"  - {{{', '.join(parts)}}}"


def _items(draft: DraftQuestion, ids: Mapping[str, str]) -> Iterable[str]:
    for place, item in enumerate(draft.items):
        parts = [f"id: {_name(ids[item.variable])}", f"variable: {_name(item.variable)}"]
        if item.choice is not None:
            parts.append(f"choice: {item.choice}")
        if item.type:
            parts.append(f"type: {item.type}")
        # a single item has the label of the question
        if place or (len(draft.items) > 1 and draft.type != SINGLE) or draft.type == MULTIPLE:
            parts.append(f"text: {quoted(item.label)}")
        yield ", ".join(parts)


def table_yaml(draft: DraftQuestion, order: int, width: int, chapter: str) -> str:
    """`tables/table_NN.yaml`: the frequency table of a question."""
    return _joined(
        [
            commented(draft.label[:90]),
            f"id: table_{order:0{width}}",
            f'number: "{order}"',
            f"chapter: {chapter}",
            f"frequency: {_name(draft.id)}",
        ]
    )


# Settings for real answers that are safe until somebody changes them.
DISCLOSURE = (
    "# Figures that would disclose a respondent's answer are suppressed (docs/disclosure.md).",
    "disclosure:",
    "  policy: suppress                # or block (publish nothing), warn (publish, and report)",
    "  microdata: none                 # lines of respondents: none, key_holders or published",
    "  k: 5                            # the smallest base; fewer alike are identifiable",
    "  # identifying: []               # what outsiders know; without it everybody is identifiable",
    "  # covers: [tables, unnumbered]  # what is examined and published: tables always",
)


def study_text(
    name: str,
    title: str,
    respondent: RespondentColumn | None,
    contacts: Sequence[DraftVariable],
    status: Mapping[str, Sequence[str]],
    remarks: Sequence[str],
    loosened: Mapping[str, str],
    many: bool,
) -> str:
    """The text of `study.yaml`.

    `loosened` are rules that only warn, with the reason; `many` are the questions.
    """
    lines = [line for entry in remarks for line in remark(entry)]
    lines += [f"id: {_name(name)}", f"title: {quoted(title)}", ""]
    if many:
        lines += [
            "# many questions: the graph has one asset per section, not one per question",
            f"assets_per: {SECTION}",
            "",
        ]
    has = {"", "respondent" if respondent else "anonymous", *(["status"] if status else [])}
    lines += [*_checks(has, loosened), "", *DISCLOSURE, "", "export:"]
    if respondent:
        lines.append("  # guess: from its name and its unique values")
        lines.append(f"  respondent: {_name(respondent.name)}")
    else:
        lines.append("  # no respondent column was found: the line number identifies a respondent")
    if contacts:
        lines += [f"  {line}" for entry in _contact_comments(contacts) for line in remark(entry)]
        lines.append(f"  background: [{', '.join(_name(v.name) for v in contacts)}]")
    if status:
        entries = ", ".join(f"{level}: [{', '.join(flags)}]" for level, flags in status.items())
        lines.append(f"  status: {{{entries}}}")
    else:
        lines.append("  # no status flags: everyone who answered anything is a respondent")
    return _joined(lines)


def _contact_comments(contacts: Sequence[DraftVariable]) -> list[str]:
    comments = []
    if any(variable.shown for variable in contacts):
        comments.append(
            "guess: from the respondent list, as lines without answers have them; not tabulated"
        )
    others = [variable.name for variable in contacts if not variable.shown]
    if others:
        comments.append(
            f"guess: {shown_names(others)} may be from the respondent list: neither in the "
            "structure nor labelled; not tabulated. A question has to be declared as one"
        )
    return comments


def shown_names(names: Sequence[str], most: int = 12) -> str:
    """Names for a message: not too many, and each on one line.

    A name that may be a person's address or number is shown by its shape.
    """
    text = ", ".join(shorten(column_shown(name), 40) for name in names[:most])
    return f"{text} and {len(names) - most} more" if len(names) > most else text


def _checks(has: set[str], loosened: Mapping[str, str]) -> list[str]:
    """`checks:` with the catalogue's policy for every rule that applies to the study."""
    lines = [
        "# Rule: policy. block: more than the threshold (a share) stops a run; quarantine:",
        "# offending data are excluded, more than the threshold stops a run; warn: reported.",
        "checks:",
    ]
    for rule in CATALOGUE.values():
        if rule.needs in has and rule.name not in GUESSED:
            reason = loosened.get(rule.name)
            policy = rule.default if reason is None else Policy(WARN, 0.0)
            entry = f"{rule.name}: {{policy: {policy.kind}, threshold: {policy.threshold:g}}}"
            lines.append(f"  {entry:<62}# {reason or f'of {rule.counted.en}'}")
    lines += [f"  {f'{name}: false':<62}# {why}" for name, why in GUESSED.items()]
    return lines


def source_text(sheet: Mapping[str, Any]) -> str:
    """`source.yaml`."""
    text = yaml.safe_dump(dict(sheet), allow_unicode=True, sort_keys=False, width=100)
    return schema_header("source", 2) + text


def item_ids(drafts: Sequence[DraftQuestion]) -> dict[str, str]:
    """An id for every variable; a single item has the question's id."""
    ids: dict[str, str] = {}
    for draft in drafts:
        if draft.type == SINGLE:
            ids[draft.items[0].variable] = draft.id
    for draft in drafts:
        for item in draft.items:
            if item.variable not in ids:
                ids[item.variable] = safe_id(item.variable, set(ids.values()))
    return ids


def _name(name: str) -> str:
    plain = name.isascii() and name.replace("_", "").isalnum() and name[0].isalpha()
    reserved = name.lower() in ("yes", "no", "on", "off", "true", "false", "null", "y", "n")
    return name if plain and not reserved else quoted(name)


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"

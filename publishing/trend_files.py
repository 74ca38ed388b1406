"""Trends over the published waves: an asset per part of the questionnaire, and the files.

They read published results, never a working file. Therefore they do not wait for a running wave or
disturb it, and every wave that they read is complete. They have no partitions, because a change
belongs to two waves.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd

from assets.analysis.trend_text import question_markdown, trends_markdown
from assets.analysis.trends import WaveAnswers, compared_items, trend_frame
from assets.step.declared import declared
from assets.step.factory import Asset, Check, Given, Made, Step, step
from assets.step.markdown import DATA_LABEL
from assets.step.metadata import data_note, schema_metadata
from assets.step.workspace import Workspace, failure
from declarations import Question, Study
from declarations.spans import wave_order
from declarations.survey.trend import TrendSettings
from publishing.chapters import PUBLISHED
from publishing.releasing.let_out import WITHHELD
from publishing.site.trends import TRENDS_FILE, trends_script
from publishing.site.write import PUBLISHED_FILE, published_script
from publishing.trend_columns import COLUMNS, TABLES_HOLD
from publishing.trend_tables import (
    TABLES,
    TABLES_FILE,
    changes_of_tables,
    has_tables,
    tables_asset,
)
from runtime.output_versions import new_version
from runtime.safe_text import spreadsheet_frame
from runtime.snapshot import SNAPSHOT
from runtime.store import Store, read_relation, replace_text
from runtime.wave_lock import LockError, lock_file, wave_lock

TRENDS = "trends"
FILES = dg.AssetKey([TRENDS, "published"])
COMPLETE = "every_wave_is_published"


@dataclass(frozen=True)
class PublishedAnswers:
    """The published results of a wave: its answers, and the facts about the data."""

    answers: WaveAnswers
    about: Mapping[str, str]

    @property
    def data_label(self) -> str:
        """The statement required wherever the wave's data are shown; empty for real data."""
        said = DATA_LABEL[self.about.get("shown_as", self.about["origin"])]
        return f"{self.answers.wave}: {said}" if said else ""

    @property
    def statement(self) -> str:
        """The origin of the data, in both languages."""
        return f"{self.answers.wave}: {self.about['statement_da']} / {self.about['statement_en']}"


def trends_key(section: str) -> dg.AssetKey:
    """The key of the changes of a part of the questionnaire."""
    return dg.AssetKey([TRENDS, section])


def trend_sections(study: Study) -> dict[str, list[Question]]:
    """Questions with something to compare, by part of the questionnaire."""
    found: dict[str, list[Question]] = {}
    for question in study.questions:
        if compared_items(question):
            found.setdefault(question.section, []).append(question)
    return found


def steps_of_trends(study: Study) -> list[Step]:
    """The step for trends; none if `conventions.trend` is not declared.

    It belongs to no wave, so it is not part of a wave's run (`pipelines.chain`).
    """
    settings, sections = study.trend, trend_sections(study)
    if settings is None:
        return []
    shown = declared(study).shown_of

    def rests(questions: Sequence[Question], title: Any) -> Any:
        return [settings, title, [(q.id, q.order, shown[q.id]) for q in questions]]

    assets = [
        Asset(
            trends_key(section),
            group=TRENDS,
            description=(
                "Per item and answer: the share in one wave and in the next, the change in "
                "percentage points, its confidence interval and test. Answers within a "
                "municipality are correlated, within a wave and between waves; the test allows "
                "for it. A line has no number if the item was not asked, was worded differently "
                "or had other answers to choose from: `refused` gives the reason.\n\nQuestions: "
                f"{', '.join(f'{q.order} {q.label.en}' for q in questions)}.\n\n{data_note(study)}"
            ),
            deps=[PUBLISHED],
            rests_on=rests(questions, None),
            columns=COLUMNS,
        )
        for section, questions in sections.items()
    ]
    if has_tables(study):
        assets.append(tables_asset(study, PUBLISHED, [settings, list(shown.values())]))
    every = [question for own in sections.values() for question in own]
    files = Asset(
        FILES,
        group=TRENDS,
        description="What readers get in `output/trends/`: trends.csv (long), trends.md (a table "
        "per question) and ABOUT.txt (which waves, what data). Replaced in one step.",
        deps=[asset.key for asset in assets],
        rests_on=rests(every, study.title),
        columns=COLUMNS,
        kinds=frozenset({"csv"}),
    )
    check = Check(
        COMPLETE, FILES, "Every wave of the study is published; none is missing from the trends."
    )
    assets.append(files)
    return [step("compare_waves", study, assets, compare_waves, checks=[check], of_waves=False)]


def compare_waves(given: Given) -> Iterator[Made | dg.AssetCheckResult]:
    """The changes of every part of the questionnaire, and the files."""
    study, workspace, settings = given.study, given.workspace, given.study.trend
    assert settings is not None
    sections = trend_sections(study)
    waves, missing = read_waves(study, workspace)
    answers = {wave: one.answers for wave, one in waves.items()}
    frames = {s: trend_frame(qs, answers, settings) for s, qs in sections.items()}
    data_labels = [one.data_label for one in waves.values() if one.data_label]
    for section, questions in sections.items():
        page = "\n\n".join(
            text
            for question in questions
            if (text := question_markdown(question, frames[section], settings.confidence))
        )
        message = "\n\n".join([*data_labels, page or reason_for_nothing(list(waves))])
        yield Made(
            trends_key(section),
            metadata={
                **schema_metadata(frames[section], COLUMNS),
                "preview": dg.MarkdownMetadataValue(message),
                "waves": ", ".join(waves) or "none",
                "refused": int((frames[section]["refused"] != "").sum()),
            },
        )
    changes = None
    if has_tables(study):
        changes = changes_of_tables(study, workspace, list(waves), settings)
        yield Made(TABLES, metadata=schema_metadata(changes, TABLES_HOLD))
    whole = pd.concat(frames.values(), ignore_index=True)
    target = workspace.output(TRENDS)
    lock = lock_file(Path(workspace.root), workspace.place, TRENDS)
    log, run = given.context.log.warning, given.context.run.run_id
    try:
        with wave_lock(lock, run, workspace.patience, log):
            publish_trends(study, settings, target, whole, waves, missing, changes)
    except LockError as error:
        raise failure(str(error)) from None
    yield Made(
        FILES,
        metadata={
            "path": str(target),
            "dagster/row_count": len(whole),
            "waves": ", ".join(waves) or "none",
            "refused": int((whole["refused"] != "").sum()),
            "data": dg.MarkdownMetadataValue("\n\n".join(data_labels)),
        },
    )
    yield dg.AssetCheckResult(
        asset_key=FILES,
        check_name=COMPLETE,
        passed=not missing,
        severity=dg.AssetCheckSeverity.WARN,
        description=not_yet(missing) or None,
    )


def read_waves(study: Study, workspace: Workspace) -> tuple[dict[str, PublishedAnswers], list[str]]:
    """The published waves in order, and the names of waves that are not published yet."""
    found: dict[str, PublishedAnswers] = {}
    missing = []
    for wave in sorted(study.waves, key=wave_order):
        # resolve the link once, because it may change meanwhile
        snapshot = workspace.output(wave).resolve() / SNAPSHOT
        if snapshot.is_file():
            found[wave] = _read_wave(study, wave, snapshot)
        else:
            missing.append(wave)
    return found, missing


def _read_wave(study: Study, wave: str, snapshot: Path) -> PublishedAnswers:
    with Store(snapshot).connect(read_only=True) as connection:
        try:
            about = read_relation(connection, "main", "about")
            if WITHHELD in set(about["key"]):
                raise failure(
                    f"output/{wave} has no lines of respondents, because the policy of "
                    "`disclosure` withholds them; changes are computed from lines"
                )
            invited = read_relation(connection, "clean", "invitations")
            answers = {
                question.id: read_relation(connection, "answers", question.id)
                for questions in trend_sections(study).values()
                for question in questions
            }
        except LookupError as error:
            raise failure(
                f"output/{wave} was published before the declarations changed ({error}); run the "
                "wave again"
            ) from None
    places = invited["municipality"] if "municipality" in invited else invited["respondent"]
    return PublishedAnswers(
        WaveAnswers(wave, answers, dict(zip(invited["respondent"], places, strict=True))),
        dict(zip(about["key"], about["value"], strict=True)),
    )


def publish_trends(
    study: Study,
    settings: TrendSettings,
    target: Path,
    frame: pd.DataFrame,
    waves: Mapping[str, PublishedAnswers],
    missing: Sequence[str],
    changes: pd.DataFrame | None = None,
) -> None:
    """Write trends.csv, trends.md, ABOUT.txt and the sites' trend data, in one step."""
    data_labels = [one.data_label for one in waves.values() if one.data_label]
    notes = [one.statement for one in waves.values() if one.data_label]
    notes += [note for note in (not_yet(missing), reason_for_nothing(list(waves))) if note]
    questions = [q for own in trend_sections(study).values() for q in own]
    title = f"Udvikling over bølger / Changes over waves: {study.title.both}"
    page = trends_markdown(title, data_labels, notes, questions, frame, settings.confidence)
    with new_version(target) as folder:
        _write(folder / "trends.csv", _csv(frame))
        if changes is not None:
            _write(folder / TABLES_FILE, _csv(changes))
        _write(folder / "trends.md", page)
        _write(folder / TRENDS_FILE, trends_script(questions, frame, data_labels))
        _write(folder / "ABOUT.txt", "\n".join([*data_labels, *notes, *_read(waves)]) + "\n")
    replace_text(target.parent / PUBLISHED_FILE, published_script(study, target.parent))


def not_yet(missing: Sequence[str]) -> str:
    """Which waves are not published; empty if all are."""
    return f"not published yet, so not compared: {', '.join(missing)}" if missing else ""


def reason_for_nothing(waves: Sequence[str]) -> str:
    """Why there is nothing to compare; empty if there is something."""
    if len(waves) > 1:
        return ""
    return f"nothing to compare: published is {', '.join(waves) or 'no wave'}"


def _read(waves: Mapping[str, PublishedAnswers]) -> list[str]:
    """The sources of every wave's results."""
    return [
        f"{wave}: {key}: {value}"
        for wave, one in waves.items()
        for key, value in one.about.items()
        if key.startswith("sha256_")
    ]


def _csv(frame: pd.DataFrame) -> str:
    return spreadsheet_frame(frame).to_csv(index=False, lineterminator="\n")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")

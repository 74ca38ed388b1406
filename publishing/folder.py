"""The last step: what readers see is replaced as a whole, once everything was computed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd

from assets.analysis.comparisons import marked_tables
from assets.analysis.deviations import scanned_groups, summary_text
from assets.analysis.model_assets import model_key
from assets.analysis.scan_assets import DEVIATIONS
from assets.analysis.significance_assets import CONVENTIONS, MARKS
from assets.clean.quarantine_assets import QUARANTINE
from assets.counts.counting import COUNT_COLUMNS
from assets.step.markdown import BANNER
from assets.step.metadata import origin
from assets.step.names import (
    OWNERS,
    REJECTED_ROWS,
    answers,
    clean,
    clean_relations,
    counts,
    raw,
    raw_files,
    table,
    wave_partitions,
)
from assets.step.workspace import Workspace
from assets.tables.layout import csv_text, table_layout, wave_notes
from assets.tables.results import RESULT_COLUMNS
from assets.tables.unnumbered_assets import unnumbered_key
from declarations import SourceSheet, Study
from declarations.claims.claim import Claim
from declarations.survey.disclosure import read_disclosure
from declarations.tables.models import read_models
from declarations.tables.unnumbered import read_unnumbered
from expectations.checks_page import checks_page
from expectations.checks_record import read_record
from expectations.disclosure.assets import GATE
from expectations.disclosure.assets import SUPPRESSION as HIDDEN
from expectations.disclosure.gate import SUMMARY, holds_back, suppressed
from expectations.disclosure.release import EXAMINED, public_items, release
from replication.audit.assets import CHECKED, PAGES, audit_chapters, audit_key
from replication.audit.pages import PAGE_COLUMNS
from replication.convention_fit import EXCEPTIONS, FIT, UNDER_ROUNDING
from replication.ledger import ledger_key
from replication.proof.assets import BOUNDS_OF_CLAIMS
from replication.reproduction import REPRODUCTION, printed_folder, printed_tables
from runtime.faults import writing
from runtime.masking import column_shown
from runtime.output_versions import new_version
from runtime.safe_text import spreadsheet_frame
from runtime.snapshot import SNAPSHOT, write_snapshot
from runtime.store import Store, read_relation

PUBLISHED = dg.AssetKey(["report", "published"])
WITHHELD = "disclosure_withheld"  # in main.about
# Relations of the snapshot that are written as CSV too.
CSV_FILES = (
    "results", "reproduction", "quarantine", "claims", "significance",
    "significance_conventions", "convention_fit", "convention_exceptions", "models", "unnumbered",
    "deviations", "marks_under_rounding", "bounds_of_claims", "audit", "disclosure", "suppression",
)  # fmt: skip
Relations = dict[tuple[str, str], pd.DataFrame]


def build_publication(study: Study, claims: Mapping[str, Sequence[Claim]]) -> dg.AssetsDefinition:
    """results.csv, tables/, reproduction.csv, quarantine.csv and the snapshot of a wave."""
    chapters, audited = list(claims), audit_chapters(study, claims)

    @dg.asset(
        key=PUBLISHED,
        group_name="report",
        description="What readers get in `output/WAVE/`: checks.html, results.csv (long), "
        "tables/*.csv "
        "(as print lays them out), reproduction.csv, quarantine.csv, significance.csv and "
        "significance_conventions.csv, convention_fit.csv and convention_exceptions.csv, "
        "marks_under_rounding.csv, bounds_of_claims.csv, audit.csv and audit/ (the printed "
        "figures checked against each other), "
        "models.csv, unnumbered.csv (results without a table), deviations.csv, deviations.md and "
        "samspil.duckdb. All of it is replaced in one step; a run that stops earlier leaves it as "
        "it was. Open answers are not part of the snapshot.",
        deps=[
            # what the files were, and the checks that block on them: also where a run holds nothing
            # of what is between
            *(raw(name) for name in (*raw_files(study), REJECTED_ROWS)),
            *(clean(name) for name in clean_relations(study)),
            *(answers(question.id) for question in study.questions),
            *(counts(question.id) for question in study.counted_questions),
            *(table(spec.id) for spec in study.tables),
            *(ledger_key(chapter) for chapter in chapters),
            QUARANTINE,
            *(audit_key(chapter) for chapter in audited),
            *([CHECKED, PAGES] if audited else []),
            *_optional(study, chapters),
            *([GATE, HIDDEN] if read_disclosure(study) else []),
            *(model_key(model.id) for model in read_models(study).models),
            *(unnumbered_key(result.id) for result in read_unnumbered(study)),
        ],
        kinds={"csv", "duckdb"},
        owners=OWNERS,
        partitions_def=wave_partitions(study),
    )
    def published(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> dg.MaterializeResult[Any]:
        wave = context.partition_key
        sheet, target = workspace.sheet(study, wave), workspace.output(wave)
        store = workspace.store(wave)
        relations = _relations(study, chapters, audited, store)
        relations = {place: _columns_shown(frame) for place, frame in relations.items()}
        about = _about(study, sheet, wave, store.read("raw", "files"))
        relations, told = _released(study, sheet, store, relations)
        about |= told
        banner = BANNER[sheet.shown_as]
        rows = len(relations[("results", "results")])
        with writing(target), new_version(target) as folder:
            (folder / "tables").mkdir()
            for spec in study.tables:
                results = relations.pop(("tables", spec.id))
                layout = table_layout(spec, results)
                notes = [
                    *wave_notes(spec, results, study, wave),
                    banner,
                    sheet.statement.da if banner else "",
                    sheet.statement.en if banner else "",
                ]
                _write(folder / "tables" / f"{spec.id}.csv", csv_text(layout, notes))
            for (_, name), frame in relations.items():
                if name in CSV_FILES:
                    _write(folder / f"{name}.csv", _csv(frame))
            if scanned_groups(study) and ("results", "deviations") in relations:
                found = summary_text(study, relations[("results", "deviations")])
                title = f"# How areas and municipalities differ from all others, {wave}"
                _write(folder / "deviations.md", f"{title}\n\n{banner}\n\n{found}")
            pages = relations.pop(("audit", "pages"), pd.DataFrame(columns=list(PAGE_COLUMNS)))
            if len(pages):
                (folder / "audit").mkdir()
                for line in pages.to_dict("records"):
                    name = audit_key(line["chapter"]).path[-1]
                    _write(folder / "audit" / f"{name}.md", line["page"])
            _write(folder / "ABOUT.txt", about_text(banner, about))
            _write(folder / "checks.html", checks_page(study, sheet, read_record(store, study)))
            write_snapshot(folder / SNAPSHOT, relations, about)
        return dg.MaterializeResult(
            metadata={
                "path": str(target),
                "dagster/row_count": rows,
                **origin(sheet),
            }
        )

    return published


def _relations(study: Study, chapters: list[str], audited: list[str], store: Store) -> Relations:
    """Everything the snapshot holds, and the layouts for the CSV files."""
    relations: Relations = {}
    with store.connect() as connection:

        def read(schema: str, name: str) -> pd.DataFrame:
            return read_relation(connection, schema, name)

        for name in clean_relations(study):
            relations[("clean", name)] = read("clean", name)
        for question in study.counted_questions:
            relations[("answers", question.id)] = read("answers", question.id)
        counted = [read("counts", question.id) for question in study.counted_questions]
        relations[("counts", "counts")] = _joined(counted, COUNT_COLUMNS)
        for spec in study.tables:
            relations[("tables", spec.id)] = read("tables", spec.id)
        results = [relations[("tables", spec.id)] for spec in printed_tables(study)]
        relations[("results", "results")] = _joined(results, RESULT_COLUMNS)
        relations[("checks", "quarantine")] = read(*QUARANTINE.path)
        for key, place in _optional(study, chapters).items():
            relations[place] = read(*key.path)
        ledgers = [read("claims", chapter) for chapter in chapters]
        fitted = [read(*model_key(m.id).path) for m in read_models(study).models]
        spoken = [read(*unnumbered_key(r.id).path) for r in read_unnumbered(study)]
        for name, frames in (("claims", ledgers), ("models", fitted), ("unnumbered", spoken)):
            if frames:
                relations[("results", name)] = pd.concat(frames, ignore_index=True)
        if audited:
            found = [read(*audit_key(chapter).path) for chapter in audited]
            relations[("audit", "audit")] = pd.concat(found, ignore_index=True)
            for key in (CHECKED, PAGES):
                relations[("audit", key.path[-1])] = read(*key.path)
    return relations


def _joined(frames: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """All lines; none where there is nothing to count or no table is declared."""
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns))


def _columns_shown(frame: pd.DataFrame) -> pd.DataFrame:
    """A relation in which columns of the export named as a person are known by their shape."""
    named = frame["variable"].dropna().unique() if "variable" in frame else ()
    shown = {name: column_shown(name) for name in named}
    if all(name == other for name, other in shown.items()):
        return frame
    return frame.assign(variable=frame["variable"].map(lambda name: shown.get(name, name)))


def _released(
    study: Study, sheet: SourceSheet, store: Store, relations: Relations
) -> tuple[Relations, dict[str, Any]]:
    """What the declared policy lets out of a real wave, and what readers are told of it."""
    settings = read_disclosure(study)
    if sheet.constructed:
        return relations, {}
    if settings is None:
        return relations, {"disclosure": "not examined: study.yaml declares no policy"}
    told: dict[str, Any] = {"disclosure_policy": settings.policy, "disclosure_k": settings.k}
    if not holds_back(settings, sheet):
        found = "; ".join(store.read(GATE.path[0], SUMMARY)["line"])
        relations = {**relations, EXAMINED: store.read(*GATE.path)}
        return relations, told | {"disclosure": f"{found}; lines of respondents are published"}
    hidden = suppressed(settings, store.read(*HIDDEN.path))
    spoken = [result.table for result in read_unnumbered(study)]
    relations, withheld = release(relations, study.tables, spoken, settings, hidden)
    relations[EXAMINED] = public_items(store.read(*GATE.path))
    return relations, told | {
        "disclosure": "no answer of an identifiable respondent follows from the figures; "
        f"{len(hidden)} figures are suppressed"
        + (f" and shown as {settings.mark} (suppression.csv)" if hidden else ""),
        WITHHELD: ", ".join(sorted(withheld)),
    }


def _optional(study: Study, chapters: Sequence[str]) -> dict[dg.AssetKey, tuple[str, str]]:
    """Assets not every study has (print, statements, marked tables), by place in the snapshot."""
    found: dict[dg.AssetKey, tuple[str, str]] = {}
    printed, marked = printed_folder(study) is not None, bool(marked_tables(study))
    if printed:
        found[REPRODUCTION] = ("checks", "reproduction")
    if printed and chapters:
        found[BOUNDS_OF_CLAIMS] = ("proof", "bounds_of_claims")
    if printed and marked:
        found[FIT] = ("checks", "convention_fit")
        found[EXCEPTIONS] = ("checks", "convention_exceptions")
        found[UNDER_ROUNDING] = ("proof", "marks_under_rounding")
    if scanned_groups(study):
        found[DEVIATIONS] = ("results", "deviations")
    if marked:
        found[MARKS] = ("results", "significance")
        found[CONVENTIONS] = ("results", "significance_conventions")
    return found


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def _csv(frame: pd.DataFrame) -> str:
    return spreadsheet_frame(frame).to_csv(index=False, lineterminator="\n")


def _about(study: Study, sheet: SourceSheet, wave: str, files: pd.DataFrame) -> dict[str, Any]:
    """What a wave's results were made from; checksums are of the files as they were read."""
    read = dict(zip(files["role"], files["sha256"], strict=True))
    return {
        "study": study.title.en,
        "wave": wave,
        "origin": sheet.origin,
        "shown_as": sheet.shown_as,
        "statement_da": sheet.statement.da,
        "statement_en": sheet.statement.en,
        **{f"sha256_{role}": sha256 for role, sha256 in read.items()},
    }


def about_text(banner: str, about: dict[str, Any]) -> str:
    """The same facts for a reader, said first where the data are constructed."""
    lines = [banner] if banner else []
    lines += [f"{name}: {value}" for name, value in about.items()]
    return "\n".join(lines) + "\n"

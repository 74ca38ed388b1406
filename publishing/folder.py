"""The last step: replaces all published files of a wave at once, after everything is computed."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd

from assets.analysis.deviations import summary_text
from assets.counts.counting import COUNT_COLUMNS
from assets.step.declared import declared
from assets.step.declaring import RESPONDENTS
from assets.step.factory import Asset, Given, Made, Place, Published, Step, step
from assets.step.markdown import DATA_LABEL
from assets.step.metadata import origin_metadata
from assets.step.workspace import failure
from assets.tables.layout import csv_text, table_layout, wave_notes
from assets.tables.results import RESULT_COLUMNS
from declarations import SourceSheet, Study
from expectations.checks_page import checks_page
from expectations.checks_record import read_record
from expectations.disclosure.gate import WITHDREW, withdraw_broken
from publishing.chapters import (
    GROUP,
    PUBLISHED,
    made_parts,
    part_assets,
    part_key,
    publication_parts,
)
from publishing.layout.plain import layout_csv
from publishing.published import PublishedWave
from publishing.releasing.key_holders import give_key_holders
from publishing.releasing.let_out import OF_THE_GATE, let_out_of, require_accounted, shown_record
from publishing.releasing.respondent_relations import for_pages, of_respondents, stored_relations
from publishing.releasing.withdrawal import withdrawal_note
from publishing.site.write import PUBLISHED_FILE, published_script, write_site
from replication.audit.assets import audit_key
from replication.audit.pages import PAGE_COLUMNS
from runtime.faults import writing
from runtime.masking import column_shown
from runtime.output_versions import new_version
from runtime.safe_text import spreadsheet_frame
from runtime.snapshot import SNAPSHOT, write_snapshot
from runtime.store import Store, read_relation, replace_text

Relations = dict[Place, pd.DataFrame]


def publication(study: Study, steps: Sequence[Step]) -> Step:
    """The step that publishes what the other `steps` of a wave made."""
    named = sorted({f"{place.name}.csv" for place in places_in_snapshot(steps) if place.csv})
    parts = publication_parts(steps)
    asset = Asset(
        PUBLISHED,
        group=GROUP,
        description="What readers get in `output/WAVE/`: report/ (the site: open index.html), "
        "checks.html, tables/*.csv (as print lays them out; *.da.csv and *.en.csv with title and "
        f"notes), {', '.join(named)}, audit/ (the printed figures checked against each other), "
        "deviations.md and "
        "samspil.duckdb. All of it is replaced in one step; a run that stops earlier leaves it as "
        "it was. Open answers are not part of the snapshot.",
        deps=[part_key(part) for part in parts],
        # The site shows all declarations and the results of checks, which are in no relation.
        rests_on=[declared(study).everything, [one.code for one in steps if not one.assets]],
        kinds=frozenset({"csv", "duckdb"}),
    )
    compute = partial(publish_wave, steps=steps, parts=parts)
    # The step depends on every asset, and so on their blocking checks. Nothing else of a run may
    # come between the two.
    made = [*part_assets(parts), asset]
    return step("report__published", study, made, compute, shows_words=True)


def places_in_snapshot(steps: Sequence[Step]) -> dict[Published, list[Asset]]:
    """Every place in the snapshot with the assets that are joined there."""
    found: dict[Published, list[Asset]] = {}
    for asset in (asset for one in steps for asset in one.assets):
        for place in asset.published:
            found.setdefault(place, []).append(asset)
    return found


def publish_wave(
    given: Given, *, steps: Sequence[Step], parts: Mapping[str, Sequence[dg.AssetKey]]
) -> Iterator[Made]:
    """Build the new folder next to the current one, and put it in its place."""
    study, wave, sheet, store = given.study, given.wave, given.sheet, given.store
    target, known = given.workspace.output(wave), places_in_snapshot(steps)
    relations = {p: _columns_shown(frame) for p, frame in _relations(known, store).items()}
    about = _about(study, sheet, wave, store.read("raw", "files"))
    _require_not_withdrawn(given)
    let_out = let_out_of(study, sheet, store, relations, {p.place: p.holds for p in known})
    relations = let_out.relations
    about |= let_out.about
    data_label = DATA_LABEL[sheet.shown_as]
    rows = len(relations[("results", "results")])
    # readers find results.csv also if no table is declared
    named = {"results", *(place.name for place in known if place.csv), *OF_THE_GATE}
    stored = stored_relations(store, relations, given.asked)
    record = shown_record(read_record(store, study), let_out)
    shown = PublishedWave(study, sheet, dict(relations), about)
    with writing(target), new_version(target) as folder:
        (folder / "tables").mkdir()
        write_pages(shown, folder)
        for spec in study.tables:
            results = relations.pop(("tables", spec.id))
            layout = table_layout(spec, results)
            notes = [
                *wave_notes(spec, results, study, wave),
                data_label,
                sheet.statement.da if data_label else "",
                sheet.statement.en if data_label else "",
            ]
            _write(folder / "tables" / f"{spec.id}.csv", csv_text(layout, notes))
        for (_, name), frame in relations.items():
            if name in named:
                _write(folder / f"{name}.csv", _csv(frame))
        if ("results", "deviations") in relations:
            found = summary_text(given.asked, relations[("results", "deviations")])
            title = f"# How areas and municipalities differ from all others, {wave}"
            _write(folder / "deviations.md", f"{title}\n\n{data_label}\n\n{found}")
        pages = relations.pop(("audit", "pages"), pd.DataFrame(columns=list(PAGE_COLUMNS)))
        if len(pages):
            for line in pages.to_dict("records"):
                name = audit_key(line["chapter"]).path[-1]
                (folder / "audit" / line["language"]).mkdir(parents=True, exist_ok=True)
                _write(folder / "audit" / line["language"] / f"{name}.md", line["page"])
        _write(folder / "ABOUT.txt", about_text(data_label, about))
        _write(folder / "checks.html", checks_page(study, sheet, record))
        small = {p: frame for p, frame in relations.items() if not of_respondents(p)}
        write_snapshot(folder / SNAPSHOT, small, about, stored)
        require_accounted(folder, let_out)
        # somebody may have withdrawn the wave meanwhile
        _require_not_withdrawn(given)
    if let_out.policy is not None:
        gone = withdraw_broken(given.workspace, wave, let_out.policy)
        if gone:
            given.context.log.warning(WITHDREW, ", ".join(gone))
    give_key_holders(given, let_out.policy, [p.place for p in known if p.holds == RESPONDENTS])
    replace_text(target.parent / PUBLISHED_FILE, published_script(study, target.parent))
    yield from made_parts(parts, shown.layouts, sheet, target)
    site = dg.MetadataValue.path(target / "report" / "index.html")
    metadata = {
        "path": str(target),
        "site": site,
        "dagster/row_count": rows,
        **origin_metadata(sheet),
    }
    yield Made(PUBLISHED, metadata=metadata)


def _require_not_withdrawn(given: Given) -> None:
    text = withdrawal_note(given.workspace, given.wave)
    if text:
        raise failure(f"not published: {text}")


def write_pages(wave: PublishedWave, folder: Path) -> None:
    """The site, and every table as CSV with title, marks and notes in each language."""
    write_site(wave, folder / "report")
    for name, layout in wave.layouts.items():
        for language in ("da", "en"):
            _write(folder / "tables" / f"{name}.{language}.csv", layout_csv(layout, language))


def _relations(known: Mapping[Published, Sequence[Asset]], store: Store) -> Relations:
    """Every relation of the snapshot, and the layouts for the CSV files."""
    empty = {("counts", "counts"): COUNT_COLUMNS, ("results", "results"): RESULT_COLUMNS}
    relations = {p: pd.DataFrame(columns=list(names)) for p, names in empty.items()}
    with store.connect() as connection:
        assets = {asset.key: asset for own in known.values() for asset in own}
        # the pages need few columns of relations with one line per respondent; the database copies
        # the rows
        frames = {
            key: for_pages(connection, one.place)
            if of_respondents(one.place)
            else read_relation(connection, *one.place)
            for key, one in assets.items()
        }
    for place, own in known.items():
        found = [frames[asset.key] for asset in own]
        joined = found[0] if len(found) == 1 else pd.concat(found, ignore_index=True)
        relations[place.place] = joined
    return relations


def _columns_shown(frame: pd.DataFrame) -> pd.DataFrame:
    """A relation in which shapes replace names of export columns that may be personal."""
    named = frame["variable"].dropna().unique() if "variable" in frame else ()
    shown = {name: column_shown(name) for name in named}
    if all(name == other for name, other in shown.items()):
        return frame
    return frame.assign(variable=frame["variable"].map(lambda name: shown.get(name, name)))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def _csv(frame: pd.DataFrame) -> str:
    return spreadsheet_frame(frame).to_csv(index=False, lineterminator="\n")


def _about(study: Study, sheet: SourceSheet, wave: str, files: pd.DataFrame) -> dict[str, Any]:
    """The sources of a wave's results; checksums are those of the files that were read."""
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


def about_text(data_label: str, about: dict[str, Any]) -> str:
    """The sources as text for readers; the statement on constructed data comes first."""
    lines = [data_label] if data_label else []
    lines += [f"{name}: {value}" for name, value in about.items()]
    return "\n".join(lines) + "\n"

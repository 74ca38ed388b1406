"""The pages of the site as files: links, languages, weight, data, SQL. No browser needed."""

from __future__ import annotations

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import pandas as pd
import pytest

from assets.step.metadata import site_page
from assets.tables.results import NOT_ASKED
from declarations.labels import Label
from pipelines.steps import wave_steps
from publishing.published import PublishedWave
from publishing.site.data import explorer_data, script
from publishing.site.render import DAGSTER
from publishing.site.sql import table_sql
from publishing.site.write import write_site

MOST_BYTES = 1_000_000
LANGUAGES = (("da", ""), ("en", ".en"))


class Links(HTMLParser):
    """The addresses that a page refers to, and the ids that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if "id" in found:
            self.ids.add(str(found["id"]))
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))
        if tag in ("script", "img", "link", "iframe") and (found.get("src") or found.get("href")):
            self.loaded.append(str(found.get("src") or found.get("href")))


def reached(page: Path, address: str) -> Path:
    """The target of a browser: by the address as written, without resolving links of the system."""
    return Path(os.path.normpath(page.parent / address))


def pages(output: Path, wave: str = "2015") -> dict[Path, Links]:
    found = {}
    for path in sorted((output / wave / "report").rglob("*.html")):
        links = Links()
        links.feed(path.read_text(encoding="utf-8"))
        found[path] = links
    return found


def statements(output: Path, wave: str, language: str) -> list[list[Any]]:
    """The rows that the page of statements shows; none if it links to another wave."""
    path = output / wave / "report" / "data" / f"statements.{language}.js"
    if not path.is_file():
        return []
    found: list[list[Any]] = json.loads(path.read_text("utf-8").partition("=")[2].rstrip(";\n"))
    return found


def test_the_statements_are_in_one_language(output: Path, wave_2015: PublishedWave) -> None:
    """Danish rows contain no English word of the predicates, and have labels instead of ids."""
    danish, english = (statements(output, "2015", language) for language, _ in LANGUAGES)
    assert [row[0] for row in danish] == [row[0] for row in english]
    ledger = wave_2015.relations["results", "claims"]
    assert [row[0] for row in danish] == ledger["id"].tolist()
    words = re.compile(
        r"\b(more|less|fewer|about|than|few|many|least|against|tests|smallest|controlled|"
        r"throughout|top|bottom|mean|of|and|holds|rounds|proof|printed)\b"
    )
    for row in danish:
        assert not words.search(" ".join(row[3:7])), row
        assert "actor_" not in row[4], row
    differing = sum(a[2] != b[2] for a, b in zip(danish, english, strict=True))
    assert differing > 0.99 * len(danish)
    with_words = [row for row in english if row[3].startswith("more than")]
    assert len(with_words) > 40


@pytest.mark.parametrize("wave", ["2015", "2018"])
def test_every_link_leads_to_a_file_and_nothing_is_loaded_from_elsewhere(
    output: Path, wave: str
) -> None:
    found = pages(output, wave)
    assert len(found) > 100
    anchors = {path.resolve(): links.ids for path, links in found.items()}
    for language, end in LANGUAGES:
        page = (output / wave / "report" / f"statements{end}.html").resolve()
        anchors[page] |= {row[0] for row in statements(output, wave, language)}
    for path, links in found.items():
        for address in links.loaded:
            assert "://" not in address, (path, address)
            assert address == "data:," or reached(path, address).is_file(), (path, address)
        for address in links.links:
            if address.startswith("http://127.0.0.1:"):
                continue
            file, _, anchor = unquote(address).partition("#")
            target = reached(path, file) if file else path
            assert target.is_file(), (path, address)
            if (
                anchor
                and target.resolve() in anchors
                and "/" not in anchor
                and "explorer" not in file
            ):
                assert anchor in anchors[target.resolve()], (path, address)


def test_every_asset_names_a_page_that_is_there_and_pages_name_assets(
    output: Path, wave_2015: PublishedWave
) -> None:
    report = output / "2015" / "report"
    keys = [asset.key for one in wave_steps(wave_2015.study) for asset in one.assets]
    for key in keys:
        assert (report / site_page(key)).is_file(), key
    assert len({site_page(key) for key in keys}) > 60
    known = {key.to_user_string() for key in keys} | {"trends"}
    for path, links in pages(output).items():
        named = [a.removeprefix(DAGSTER) for a in links.links if a.startswith(DAGSTER)]
        assert named, path
        # a folder of the catalog, or an asset
        assert all(any(k == n or k.startswith(f"{n}/") for k in known) for n in named), path


def test_a_page_with_all_it_loads_is_light(output: Path) -> None:
    for path, links in pages(output).items():
        own = [path, *((path.parent / a).resolve() for a in links.loaded if a != "data:,")]
        data = path.parents[len(path.relative_to(output / "2015" / "report").parts) - 1] / "data"
        language = "en" if path.name.endswith(".en.html") else "da"
        own.append(data / f"search.{language}.js")
        assert sum(file.stat().st_size for file in own) < MOST_BYTES, path


def test_what_is_said_of_changes_is_in_both_languages(output: Path) -> None:
    text = (output / "trends" / "trends.js").read_text(encoding="utf-8")
    data = json.loads(text.partition("=")[2].rstrip(";\n"))
    told = {tuple(line["refused"]) for q in data["questions"] for line in q["lines"]}
    assert ("ikke spurgt i 2018", "not asked in 2018") in told
    assert not [da for da, _ in told if re.search(r"\b(in|from|the|answers|asked|and)\b", da)]


def test_a_page_is_in_one_language(output: Path) -> None:
    for path in pages(output):
        text = path.read_text(encoding="utf-8")
        english = path.name.endswith(".en.html")
        assert f'<html lang="{"en" if english else "da"}"' in text
        assert "KONSTRUEREDE DATA / CONSTRUCTED DATA" not in text
        assert ("CONSTRUCTED DATA" if english else "KONSTRUEREDE DATA") in text, path
        assert ("KONSTRUEREDE DATA" if english else "CONSTRUCTED DATA") not in text, path


def test_the_sql_of_a_page_gives_its_figures(output: Path, wave_2015: PublishedWave) -> None:
    compared = 0
    with duckdb.connect(str(output / "2015" / "samspil.duckdb"), read_only=True) as connection:
        for table in wave_2015.tables:
            query = table_sql(table) if table.cells else ""
            if not query:
                continue
            found = connection.execute(query).df()
            own = wave_2015.results[table.id]
            own = own[[not cell.of for cell in table.cells]]
            # what the wave did not ask counts nobody
            asked = (own["note"] != NOT_ASKED).to_numpy()
            found, own = found[asked], own[asked]
            for name in ("numerator", "base"):
                # none where the wave did not ask, or the statistic has none
                ours, theirs = (one[name].astype("Int64").fillna(-1) for one in (own, found))
                assert theirs.tolist() == ours.tolist(), table.id
            shown = pd.to_numeric(own["formatted"]).astype(float).tolist()
            figures = found["figure"].astype(float).tolist()
            assert figures == pytest.approx(shown, abs=1e-9, nan_ok=True)
            compared += len(found)
    assert compared > 600


def test_the_explorer_has_the_published_counts_and_nothing_else(
    wave_2015: PublishedWave,
) -> None:
    found = explorer_data(wave_2015)
    assert found is not None
    counts = wave_2015.relations["counts", "counts"]
    churches = counts[(counts["item"] == "actor_churches") & (counts["group"] == "area")]
    item = found["items"]["actor_churches"]
    for level, numbers in item["counts"]["area"].items():
        own = churches[churches["level"] == level].set_index("code")["n"].to_dict()
        assert numbers == [int(own.get(code, 0)) for code, *_ in item["codes"]]
    held = PublishedWave(
        wave_2015.study,
        wave_2015.sheet,
        {k: v for k, v in wave_2015.relations.items() if k != ("counts", "counts")},
    )
    assert explorer_data(held) is None


def test_pages_about_print_of_another_wave_lead_to_the_printed_one(output: Path) -> None:
    for page in ("audit", "statements"):
        text = (output / "2018" / "report" / f"{page}.html").read_text(encoding="utf-8")
        assert f"../../2015/report/{page}.html" in text
    assert len((output / "2015" / "report" / "audit.html").read_text("utf-8")) > 10_000
    assert statements(output, "2015", "da")
    assert not statements(output, "2018", "da")


def test_pages_know_which_waves_are_published(output: Path) -> None:
    text = (output / "published.js").read_text(encoding="utf-8")
    known = json.loads(text.partition("=")[2].rstrip(";\n"))
    assert known == {"waves": ["2015", "2018"], "trends": True}


def test_a_script_cannot_be_broken_out_of() -> None:
    text = script("x", "</script>\u2028\u2029")
    assert "</" not in text
    assert not re.search("[\u2028\u2029]", text)


def test_hostile_labels_are_text_on_every_page(wave_2015: PublishedWave, tmp_path: Path) -> None:
    from dataclasses import replace

    hostile = Label(
        '<img src=x onerror="alert(1)">\u202e', '"><script>alert(2)</script>' + "x" * 500
    )
    study = wave_2015.study
    tables = tuple(
        replace(
            t, title=hostile,
            cells=tuple(replace(c, row_label=hostile, column_label=hostile) for c in t.cells),
        )
        for t in study.tables
    )  # fmt: skip
    questions = tuple(
        replace(q, label=hostile, items=tuple(replace(i, label=hostile) for i in q.items))
        for q in study.questions
    )
    spoiled = PublishedWave(
        replace(study, tables=tables, questions=questions, title=hostile),
        wave_2015.sheet,
        wave_2015.relations,
    )
    # the pages of some chapters have all that pages have
    spoiled.__dict__["tables"] = tuple(t for t in tables if t.chapter in ("2", "4"))
    write_site(spoiled, tmp_path / "report")
    for path in (tmp_path / "report").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<img" not in text
        assert "<script>alert" not in text
        assert "\u202e" not in text

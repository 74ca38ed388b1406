"""`write_site`: all pages of a wave into a folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from declarations import Study
from publishing.layout.model import said
from publishing.layout.words import TESTS
from publishing.published import PublishedWave
from publishing.site import lists
from publishing.site.data import (
    RELEASE_FILE,
    explorer_data,
    release_script,
    script,
    search_index,
)
from publishing.site.derivation import table_data
from publishing.site.files import FILES, STATIC
from publishing.site.render import Renderer
from publishing.site.statements import cited_by_table
from publishing.site.tables import question_page, table_page
from publishing.site.tabulated import tabulated_data, tabulated_page
from publishing.site.words import LANGUAGES, words_in

PUBLISHED_FILE = "published.js"


def write_site(wave: PublishedWave, folder: Path) -> None:
    """Write the site of a wave into `folder`, which need not exist.

    Every page is a file that opens without a server. Data are in scripts next to the pages, and
    figures of other waves are read from their folders (`../../WAVE/report/data`).
    """
    site = Renderer(wave, folder)
    for name in ("static", "data"):
        (folder / name).mkdir(parents=True)
    for file in STATIC:
        shutil.copyfile(FILES / file, folder / "static" / file)
    cited = cited_by_table(wave.relation("results", "claims"))
    for table in wave.tables:
        if not table.entries:
            data = table_data(wave, table, cited.get(table.id, []))
            _write(folder / "data" / f"{table.id}.js", _of_table(wave, table.id, data))
    for name, tabulated in wave.tabulated.items():
        data = tabulated_data(wave, tabulated)
        _write(folder / "data" / f"{name}.js", _of_table(wave, name, data))
    # `samspil publish` lists its files here
    _write(folder / "data" / "files.js", script("window.samspilFiles", {"files": []}))
    if not wave.sheet.constructed:
        _write(folder / "data" / RELEASE_FILE, release_script())
    counted = explorer_data(wave)
    if counted is not None:
        _write(folder / "data" / "counts.js", script("window.samspilCounts", counted))
    asked = wave.study.in_wave(wave.wave)
    for language in LANGUAGES:
        said_in_script = words_in(language) | {
            f"m_{name}": said(label, language) for name, label in TESTS.items()
        }
        _write(
            folder / "static" / f"words.{language}.js",
            script("window.samspilWords", said_in_script),
        )
        index = search_index(wave, language)
        _write(folder / "data" / f"search.{language}.js", script("window.samspilSearch", index))
        _index_page(site, language)
        for table in wave.tables:
            table_page(site, table, language)
        for tabulated in wave.tabulated.values():
            tabulated_page(site, tabulated, language)
        for question in asked.questions:
            question_page(site, question, language)
        for page in (
            lists.statements_page, lists.audit_page, lists.models_page, lists.trends_page,
            lists.response_page, lists.comparison_page,
        ):  # fmt: skip
            page(site, language)
        site.page(
            "explorer.html.jinja", "explorer", language, words_in(language)["explorer"],
            counted=counted is not None,
        )  # fmt: skip


def _of_table(wave: PublishedWave, table: str, data: dict[str, Any]) -> str:
    key = script("", f"{wave.wave}/{table}").strip("=;\n")
    return script(f"window.samspilTables=window.samspilTables||{{}};samspilTables[{key}]", data)


def published_script(study: Study, output: Path) -> str:
    """The script that lists the published waves for the pages; `output` is the study's folder."""
    found = [wave for wave in study.waves if (output / wave / "report" / "index.html").is_file()]
    trends = (output / "trends" / "trends.js").is_file()
    return script("window.samspilPublished", {"waves": found, "trends": trends})


def _index_page(site: Renderer, language: str) -> None:
    wave = site.wave
    chapters: dict[str, list[dict[str, str]]] = {}
    word = words_in(language)["table"]
    for layout in wave.layouts.values():
        title = lists.chapter_title(layout.chapter, language)
        number = f"{word} {layout.number}" if layout.number else ""
        entry = {"id": layout.id, "number": number, "title": said(layout.title, language)}
        chapters.setdefault(title, []).append(entry)
    asked = wave.study.in_wave(wave.wave)
    questions = [
        {"id": q.id, "order": str(q.order), "title": said(q.label, language)}
        for q in asked.questions
    ]
    site.page(
        "index.html.jinja", "index", language, words_in(language)["contents"],
        chapters=chapters, questions=questions,
    )  # fmt: skip


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")

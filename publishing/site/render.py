"""Pages from templates: everything from the study is escaped, every page is in one language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg

from assets.step.markdown import DATA_LABELS
from assets.step.names import shown_key
from declarations import Study
from publishing.layout.model import said
from publishing.published import PublishedWave
from publishing.site.data import PENDING
from publishing.site.files import FILES
from publishing.site.statements import printed_layout
from publishing.site.words import LANGUAGES, page_end, words_in
from replication.consistency.printed_report import Layout
from runtime.safe_text import visible

PAGES = (
    "index", "explorer", "statements", "audit", "models", "trends", "response", "checks",
)  # fmt: skip
DAGSTER = "http://127.0.0.1:3000/assets/"
# the asset of each page that shows many assets
SHOWN = {
    "index": "report/published", "explorer": "counts", "statements": "claims", "audit": "audit",
    "models": "models", "trends": "trends", "response": "clean/invitations", "checks": "checks",
}  # fmt: skip


def asset_page(key: dg.AssetKey, group: str, study: Study) -> str:
    """The address of an asset's page in the UI."""
    return DAGSTER + "/".join(shown_key(key, group, study).path)


@dataclass(frozen=True)
class Renderer:
    """Renders the pages of a wave into a folder."""

    wave: PublishedWave
    folder: Path

    @cached_property
    def environment(self) -> Any:
        """Templates with escaping always on."""
        # loading the code location must not wait for this import
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        return Environment(
            loader=FileSystemLoader(FILES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_shown,
        )

    @cached_property
    def printed(self) -> Layout:
        """The labels for ids in statements and findings, as the report prints them."""
        return printed_layout(self.wave)

    def page(self, template: str, name: str, language: str, title: str, /, **values: Any) -> None:
        """Write a page; `name` is its path without ending, `title` its heading."""
        end, sheet = page_end(language), self.wave.sheet
        other = next(one for one in LANGUAGES if one != language)
        text = self.environment.get_template(template).render(
            lang=language,
            w=words_in(language),
            up="../" * name.count("/"),
            page=name,
            pages=PAGES,
            behind=f"{DAGSTER}{SHOWN[name]}" if name in SHOWN else "",
            link=lambda target: f"{target}{end}",
            other=f"{name.rpartition('/')[2]}{page_end(other)}",
            page_title=title,
            study_title=said(self.wave.study.title, language),
            wave=sheet.wave,
            banner=said(DATA_LABELS[sheet.shown_as], language),
            statement=said(sheet.statement, language) if sheet.constructed else "",
            pending="" if sheet.constructed else said(PENDING, language),
            **values,
        )
        path = self.folder / f"{name}{end}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def _shown(value: Any) -> Any:
    """Text with control characters and direction marks escaped."""
    return visible(value, keep="\n\t") if type(value) is str else value

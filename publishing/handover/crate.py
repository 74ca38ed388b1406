"""RO-Crate metadata, with which a repository can accept the folder as a deposit."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from datetime import UTC, datetime
from pathlib import Path

from publishing.published import PublishedWave

FILE = "ro-crate-metadata.json"
TYPES = {
    ".parquet": "application/vnd.apache.parquet", ".duckdb": "application/octet-stream",
    ".sav": "application/x-spss-sav", ".ndjson": "application/x-ndjson", ".md": "text/markdown",
}  # fmt: skip
PAGES = ("report",)


def write_crate(wave: PublishedWave, folder: Path) -> Path:
    """Write ro-crate-metadata.json over the files in the folder; the site is one part of it."""
    from rocrate.rocrate import ROCrate

    study, sheet = wave.study, wave.sheet
    crate = ROCrate()
    crate.name = f"{study.title.en}, {wave.wave}"
    crate.description = sheet.statement.en if sheet.constructed else study.title.en
    crate.datePublished = datetime.now(UTC).date().isoformat()
    crate.license = "No license is declared by the study"
    if study.source.publisher:
        crate.publisher = study.source.publisher
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if not path.is_file() or place.parts[0] in PAGES or path.name in (FILE, "run.json"):
            continue
        crate.add_file(
            str(path), dest_path=str(place),
            properties={
                "name": str(place), "encodingFormat": media_type(path),
                "contentSize": str(path.stat().st_size),
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            },
        )  # fmt: skip
    for name in PAGES:
        if (folder / name).is_dir():
            crate.add_dataset(dest_path=f"{name}/", properties={"name": "The site of the wave"})
    target = folder / FILE
    text = json.dumps(crate.metadata.generate(), indent=1, ensure_ascii=False)
    target.write_text(text, encoding="utf-8")
    return target


def media_type(path: Path) -> str:
    """The media type of a file by its name."""
    known = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return known or "application/octet-stream"

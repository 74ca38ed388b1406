"""The audit in the graph: one asset per chapter, reused while print does not change."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from declarations import load_study
from declarations.claims.claim import read_claims
from replication.audit import assets as audit_assets
from replication.audit.assets import CHECKED, INPUTS, PAGES, audit_chapters, audit_key
from runtime.store import Store
from tests.chain import WAVE, edit
from tests.checkout import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout.create(tmp_path)


def run(checkout: Checkout) -> dict[str, pd.DataFrame]:
    """Materialize the audit alone; returns its relations in the working file."""
    study = load_study(checkout.study)
    chapters = audit_chapters(study, read_claims(study))
    keys = [*(audit_key(chapter) for chapter in chapters), CHECKED, PAGES]
    assert checkout.execute(keys).success
    store = Store(checkout.root / ".work" / f"{WAVE}.duckdb")
    return store.read_all("audit", [*(key.path[-1] for key in keys), INPUTS[1]])


@pytest.mark.long
def test_findings_follow_print_and_are_kept_while_it_stays(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(checkout)
    misprint = "table_3_4:charter:yes"
    assert misprint in set(first["chapter_3"]["about"])
    assert len(first["pages"]) == 18  # nine in each language
    assert first["checked"]["broken"].sum() == sum(
        len(frame) for name, frame in first.items() if name.startswith(("chapter", "res", "app"))
    )

    with monkeypatch.context() as patch:

        def forbidden(*_: object) -> None:
            raise AssertionError("audited again though nothing changed")

        patch.setattr(audit_assets, "audit", forbidden)
        again = run(checkout)
        for name, frame in first.items():
            pd.testing.assert_frame_equal(frame, again[name])
        # English labels are on the pages only
        table = checkout.study / "tables" / "table_3_4.yaml"
        edit(table, 'en: "Charter for interplay of', 'en: "Charter of interplay of')
        labelled = run(checkout)
    written = first["pages"]["page"].str.replace("Charter for interplay", "Charter of interplay")
    assert list(labelled["pages"]["page"]) == list(written) != list(first["pages"]["page"])
    for name, frame in first.items():
        if name not in ("pages", INPUTS[1]):
            pd.testing.assert_frame_equal(frame, labelled[name])

    edit(checkout.study / "printed" / "table_3_4.csv", ",Ja,38.7,400,", ",Ja,28.7,400,")
    mended = run(checkout)
    assert set(first["chapter_3"]["about"]) - set(mended["chapter_3"]["about"]) == {misprint}
    assert len(mended["chapter_4"]) == len(first["chapter_4"])
    pages = mended["pages"].set_index(["chapter", "language"])["page"]
    assert "These tables are in order: 3.1, 3.2, 3.3, 3.4." in str(pages["3", "en"])


@pytest.mark.long
def test_a_wave_nothing_was_printed_on_has_no_findings(checkout: Checkout) -> None:
    edit(checkout.study / "study.yaml", "printed_wave: 2015", "printed_wave: 1999")
    frames = run(checkout)
    assert all(frame.empty for name, frame in frames.items() if name != INPUTS[1])


def test_a_study_without_print_has_no_audit(checkout: Checkout) -> None:
    study = load_study(checkout.study)
    claims = read_claims(study)
    assert audit_assets.steps(study)
    (checkout.study / "printed").rename(checkout.root / "elsewhere")
    assert audit_assets.steps(study) == []
    assert audit_chapters(study, claims) == []

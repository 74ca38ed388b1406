"""The rules for finding a sentence, as documented, and the command that finds it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from declarations.claims.claim import Claim
from tools.report_sentences import Sentence, main, mark_of, read_report

ROOT = Path(__file__).resolve().parents[2]
SEEDS = [parent / "shared" / "seed" for parent in Path(__file__).resolve().parents]
SEED = next((f for s in SEEDS if s.is_dir() for f in sorted(s.glob("*.txt"))), None)


@pytest.fixture(scope="module")
def documented() -> tuple[str, dict[str, str]]:
    """The text of the example, and the beginning of the sentence at each locator."""
    section = (ROOT / "docs" / "audit-method.md").read_text(encoding="utf-8")
    section = section.partition("## Where a sentence stands")[2].partition("\n## ")[0]
    example = section.partition("(not from the report):")[2].partition("\n| locator")[0]
    lines = [line.removeprefix("    ") for line in example.strip("\n").splitlines()]
    places = dict(re.findall(r"(?m)^\| (2\.1 [^|]+?) \| ([^|]+?) \|$", section))
    return "\n".join(lines), places


@pytest.fixture(scope="module")
def sentences(
    documented: tuple[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> list[Sentence]:
    path = tmp_path_factory.mktemp("report") / "report.txt"
    path.write_text(documented[0], encoding="utf-8")
    return read_report(path)


def test_the_documented_example_is_counted_as_documented(
    documented: tuple[str, dict[str, str]], sentences: list[Sentence]
) -> None:
    _, places = documented
    assert len(places) == 7
    found = {s.locator: s.text.lstrip("• ") for s in sentences}
    assert set(found) == set(places)
    for locator, words in places.items():
        assert found[locator].startswith(words)


def test_a_sentence_over_two_pages_is_one(sentences: list[Sentence]) -> None:
    third = next(s for s in sentences if s.locator == "2.1 §1.3")
    assert "tabel imellem" in third.text
    assert "41,2" not in third.text
    # a word that the end of a line divides is whole
    assert "svarpersoner" in next(s.text for s in sentences if s.locator == "2.1 §1.2")


def test_the_command_finds_a_sentence(
    documented: tuple[str, dict[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.txt"
    path.write_text(documented[0], encoding="utf-8")
    assert main([str(path), "--find", "2.1 §2.2"]) == 0
    assert "Efter et kolon og et stort bogstav" in capsys.readouterr().out
    assert main([str(path), "--find", "et tal på 12,5 % af 400 svarpersoner"]) == 0
    assert capsys.readouterr().out.startswith("2.1 §1.2 (mark 01c99223): ")
    assert main([str(path), "--find", "2.1 §9.9"]) == 1


@pytest.mark.skipif(SEED is None, reason="the text of the report is not beside this checkout")
def test_the_rules_find_what_a_plain_reading_finds(claims: list[Claim]) -> None:
    """Every claim's sentence is found by its mark, with sections read from headings alone."""
    assert SEED is not None
    text = SEED.read_text(encoding="utf-8").replace("\u00ad", "")
    heading = re.compile(r"(?m)^\s*(\d(?:\.\d){1,2}) +[A-ZÆØÅ][^\n%]{3,90}$")
    places = [(m.start(), m[1]) for m in heading.finditer(text)]
    plain = re.sub(r"\W", "", text.lower())
    known = {mark_of(s.text): s for s in read_report(SEED)}
    asked = [c for c in claims if re.fullmatch(r"\d(\.\d){1,2}", c.section)]
    assert len(asked) > 400
    letters = [len(re.sub(r"\W", "", text[:at])) for at, _ in places]
    wrong = []
    for claim in asked:
        assert claim.at is not None
        words = re.sub(r"\W", "", known[claim.at.mark].text.lower())[:20]
        at = [m.start() for m in re.finditer(re.escape(words), plain)]
        sections = {
            max(((n, s) for n, (_, s) in zip(letters, places, strict=True) if n <= one),
                default=(0, ""))[1]
            for one in at
        }  # fmt: skip
        if claim.section not in sections:
            wrong.append((claim.id, claim.section, sections))
    assert wrong == []

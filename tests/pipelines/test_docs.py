"""The documents agree with the code: the rules, links and targets that they name exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from assets.clean.balances import BALANCES
from declarations.survey.rules import CATALOGUE
from replication.reproduction import NAME as AGREES
from runtime.paths import PACKAGES

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "studies").rglob("*.md")]
)
MAKERS = {"Finding", "file_error", "_offence", "Reading"}


def rules_in_code() -> set[str]:
    """The rule of every finding made under assets/ and expectations/, where it is a literal."""
    rules = set()
    for folder in PACKAGES:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                    continue
                if node.func.id in MAKERS:
                    values = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "rule")]
                    rules |= {
                        leaf.value
                        for value in values
                        for leaf in ast.walk(value)
                        if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
                    }
    return rules


def test_every_rule_and_every_check_has_its_cause_and_remedy() -> None:
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    checks = {*CATALOGUE, *BALANCES, AGREES}
    rules = rules_in_code()
    assert {"encoding", "row_width", "complete_file", "empty_column"} <= rules
    missing = {name for name in rules | checks if f"`{name}`" not in text}
    assert not missing, f"docs/errors.md does not explain {sorted(missing)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", text):
        path = (document.parent / target).resolve() if target else document
        assert path.exists(), target
        if anchor:
            titles = re.findall(r"(?m)^#+ (.*)$", path.read_text(encoding="utf-8"))
            assert anchor in {re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_make_targets_the_documents_name_exist(document: Path) -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"(?m)(?:`|^ {4})make (?:[A-Z]+=\S+ )*([a-z]+)", text))
    assert named <= targets, named - targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_that_documents_name_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    if document.name == "adding.md":  # its blocks are new files
        text = re.sub(r"(?ms)^```.*?^```", "", text)
    packages = "|".join((*PACKAGES, "tools", "reconstruction", "tests"))
    for path in re.findall(rf"`((?:{packages})/[\w./]+)`", text):
        assert (ROOT / path).exists(), path


def test_terms_have_one_line_each_and_stand_where_it_is_said() -> None:
    text = (ROOT / "docs" / "terminology.md").read_text(encoding="utf-8")
    lines = re.findall(r"(?m)^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text)
    terms = [term for term, *_ in lines if term not in ("word", "---")]
    assert len(terms) == len(set(terms)) > 50
    assert terms == [term.strip() for term in terms]
    for _, _, where in lines:
        for path in re.findall(r"`([\w/.]+)`", where):
            assert (ROOT / path).exists(), path

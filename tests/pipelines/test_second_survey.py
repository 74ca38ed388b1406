"""A published poll, declared without Python: its weighted crosstabs are reproduced."""

from __future__ import annotations

import pandas as pd
import pytest

from assets.tabulate.counting import Counter
from assets.tabulate.request import book_requests
from assets.tabulate.results import tabulate_requests
from declarations.fields.fields import fields_of
from tests.second_survey import DECLARED, FOLDER, WAVE, alike, make_study, published
from tests.tabulated import computed

pytestmark = pytest.mark.skipif(
    FOLDER is None, reason="the second survey is not beside the checkout (shared/second-survey)"
)
FEWEST = 1780


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The banner book of the poll."""
    study = make_study(tmp_path_factory.mktemp("second")).in_wave(WAVE)
    fields = fields_of(study)
    connection = computed(study, WAVE)
    counter = Counter(connection, study, fields)
    requests = list(book_requests(study, fields))
    folder = study.folder / "waves" / WAVE
    frames = tabulate_requests(counter, requests, WAVE, folder)
    return pd.concat(list(frames.values()), ignore_index=True)


def test_the_declarations_have_no_python() -> None:
    assert {path.suffix for path in DECLARED.rglob("*") if path.is_file()} == {".yaml"}


def test_published_percentages_come_out_exactly(book: pd.DataFrame) -> None:
    shares = book[book["statistic"] == "percent"]
    found = {}
    for line in shares.to_dict("records"):
        # of a box the answer is the box's label, of a question the code's
        box = line["column_label"] == "Selected"
        question = line["table"] if box else line["row"]
        answer = alike(line["row_label"] if box else line["column_label"])
        found[question, answer, line["group"], line["level"]] = line
    figures, blanks, wrong = 0, 0, []
    for one in published():
        line = found[one.question, alike(one.answer), one.group, one.level]
        if one.shown:
            figures += 1
            if line["formatted"] != one.shown:
                wrong.append((one, line["formatted"], line["value"]))
        else:
            blanks += 1
            assert line["formatted"] == ""
            assert line["base"] < 100
            assert line["note"] == "base under 100"
    assert (figures, blanks) == (1820, 130)
    assert figures - len(wrong) >= FEWEST
    # what is published and what is computed differ in no figure
    assert wrong == []


def test_unweighted_bases_are_shown_with_weighted_ones(book: pd.DataFrame) -> None:
    base = book[(book["statistic"] == "base") & (book["group"] == "all")].set_index("row")
    assert base["base"]["q0001"] == 1615
    assert base["base"]["q0010_0001"] == 880
    assert 0 < base["effective_base"]["q0001"] < 1615

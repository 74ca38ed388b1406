"""A row with the same printed label as another has a note, however low the finding is rated."""

from __future__ import annotations

import pandas as pd
import pytest

from declarations import Study
from publishing.layout.print_notes import Beside, _label_notes


@pytest.mark.parametrize("severity", ["low", "medium"])
def test_only_a_label_that_print_repeats_has_a_note(study: Study, severity: str) -> None:
    told = {"rule": "labels", "table": "table_6_8", "severity": severity}
    twice = {**told, "id": "labels:table_6_8:twice:q4=q5", "about": "table_6_8:q4:high",
             "gives": "rows 4 and 5 are both called “Højeste udgiftspres”"}  # fmt: skip
    other = {**told, "id": "labels:table_6_8:item:row:x", "about": "table_6_8:q1:high",
             "gives": "the table says “a”, the questionnaire “b”"}  # fmt: skip
    beside = Beside()
    _label_notes(beside, study.table["table_6_8"], pd.DataFrame([twice, other]))
    (note,) = beside.notes
    assert "rows 4 and 5 are both called" in note.text.en
    assert {row for row, _ in beside.lines} == {"q4"}

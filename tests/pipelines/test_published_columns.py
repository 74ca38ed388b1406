"""Columns of the export in what is published."""

from __future__ import annotations

import pandas as pd

from publishing.folder import _columns_shown


def test_a_column_named_as_a_person_is_published_by_its_shape() -> None:
    frame = pd.DataFrame({"variable": ["s_1", "lone@example.dk", None], "n": [1, 2, 3]})
    shown = _columns_shown(frame)
    assert shown["variable"].tolist()[:2] == ["s_1", "'aaaa@aaaaaaa.aa' (15 characters)"]
    assert pd.isna(shown["variable"].iloc[2])
    assert shown["n"].tolist() == [1, 2, 3]


def test_other_relations_stay_as_they_are() -> None:
    for frame in (pd.DataFrame({"variable": ["s_1", None]}), pd.DataFrame({"n": [1]})):
        assert _columns_shown(frame) is frame

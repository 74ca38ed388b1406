"""The register of municipalities under declared names, with the level of every group."""

from __future__ import annotations

import pandas as pd

from assets.clean.background import municipality_levels
from declarations import Study


def municipalities(register: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The wave's register under declared names, with one column per municipality group (level key).

    Raises ValueError with municipality, column and value if a value has no level.
    """
    columns = study.register_columns
    frame = pd.DataFrame({name: register[column].str.strip() for name, column in columns.items()})
    rows = [{c: row[n] for n, c in columns.items()} for row in frame.to_dict("records")]
    for group in study.groups:
        if group.by_municipality and group.kind != "identity":
            frame[group.id] = frame["code"].map(municipality_levels(rows, group, columns))
    return frame

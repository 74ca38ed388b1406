"""The register of municipalities under declared names, with the level of every group."""

from __future__ import annotations

import pandas as pd

from assets.clean.background import municipality_levels
from declarations import Study


def municipalities(register: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The register under declared names, with one column per municipality group (level key).

    Raises ValueError with municipality, column and value if a value has no level.
    """
    columns = study.register_columns
    frame = pd.DataFrame({name: register[column].str.strip() for name, column in columns.items()})
    rows = [{c: row[n] for n, c in columns.items()} for row in frame.to_dict("records")]
    for name in set(study.frame.columns if study.frame else ()) - set(columns):
        # columns of other waves
        frame[name] = None
    for group in study.groups:
        if group.by_municipality and group.kind != "identity":
            known = study.has_group(group)
            levels = municipality_levels(rows, group, columns) if known else {}
            frame[group.id] = frame["code"].map(levels) if known else None
    return frame

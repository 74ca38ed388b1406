"""Changes of short tables and the banner book between waves, as an asset and a file."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import dagster as dg
import pandas as pd

from assets.analysis.tabulated_trends import tabulated_changes
from assets.step.factory import Asset
from assets.step.metadata import data_note
from assets.step.workspace import Workspace, failure
from declarations import Study
from declarations.survey.trend import TrendSettings
from declarations.tabulation.tabulation import TabulationError
from publishing.trend_columns import TABLES_HOLD
from runtime.snapshot import SNAPSHOT
from runtime.store import Store

TABLES = dg.AssetKey(["trends", "tables"])
TABLES_FILE = "tables.csv"


def has_tables(study: Study) -> bool:
    """Whether the study declares tables that can be compared."""
    return bool(study.tabulation.tables) or study.tabulation.book is not None


def tables_asset(study: Study, published: dg.AssetKey, rests: Sequence[Any]) -> Asset:
    """The changes of all tables, computed from what is `published`."""
    return Asset(
        TABLES,
        group="trends",
        description="Changes of the tables in the short form and of the banner book from wave to "
        "wave, with their groups, derived variables, weights and filters; tested as the items' "
        f"changes are.\n\n{data_note(study)}",
        deps=[published],
        rests_on=[study.tabulation, *rests],
        columns=TABLES_HOLD,
    )


def changes_of_tables(
    study: Study, workspace: Workspace, waves: Sequence[str], settings: TrendSettings
) -> pd.DataFrame:
    """The changes of short tables and the banner book, from the waves' snapshots."""
    with ExitStack() as opened:
        snapshots = {
            wave: opened.enter_context(
                Store(workspace.output(wave).resolve() / SNAPSHOT).connect(read_only=True)
            )
            for wave in waves
        }
        try:
            return tabulated_changes(study, snapshots, settings)
        except TabulationError as error:
            raise failure(str(error)) from None

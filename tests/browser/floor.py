"""Four assets in two groups: what the page of Dagster takes by itself."""

import dagster as dg

first = dg.AssetSpec("first", group_name="above")
second = dg.AssetSpec("second", deps=["first"], group_name="above")
third = dg.AssetSpec("third", deps=["second"], group_name="below")
fourth = dg.AssetSpec("fourth", deps=["third"], group_name="below")
defs = dg.Definitions(assets=[first, second, third, fourth])

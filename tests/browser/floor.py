"""Four assets in two groups, to measure the time that Dagster's page needs in any case."""

import dagster as dg

first = dg.AssetSpec("first", group_name="above")
second = dg.AssetSpec("second", deps=["first"], group_name="above")
third = dg.AssetSpec("third", deps=["second"], group_name="below")
fourth = dg.AssetSpec("fourth", deps=["third"], group_name="below")
defs = dg.Definitions(assets=[first, second, third, fourth])

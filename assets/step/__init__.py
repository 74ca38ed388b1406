"""The factory of assets, and what all assets share."""

import warnings

import dagster as dg

# A check on a partitioned asset needs its own partitions, otherwise it would read every wave. The
# argument is a preview in Dagster 1.13; without this filter each check would warn.
warnings.filterwarnings(
    "ignore", message="Specifying a partitions_def on an AssetCheckSpec", category=dg.PreviewWarning
)
# The links from a table to its declaration and function are beta, with one warning each.
warnings.filterwarnings(
    "ignore", message="Class `(Local|Code)[A-Za-z]*Reference", category=dg.BetaWarning
)
# Dagster itself reads this property of its own when it starts a process through Pipes.
warnings.filterwarnings(
    "ignore",
    message="Function `PipesMessageReader.expected_writer_count`",
    category=dg.PreviewWarning,
)

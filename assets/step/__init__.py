"""The asset graph: thin assets over the pure modules, built from the declarations."""

import warnings

import dagster as dg

# A check on a partitioned asset needs its own partitions, or it would read every wave. The
# argument is marked as a preview in Dagster 1.13; one warning per check would bury the rest.
warnings.filterwarnings(
    "ignore", message="Specifying a partitions_def on an AssetCheckSpec", category=dg.PreviewWarning
)
# The links from a table to its declaration and its function: marked as beta, one warning each.
warnings.filterwarnings(
    "ignore", message="Class `(Local|Code)[A-Za-z]*Reference", category=dg.BetaWarning
)

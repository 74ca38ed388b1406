"""Which stale assets `--changed` materializes together, and which wait for others."""

from __future__ import annotations

import dagster as dg
import pytest

from pipelines.definitions import defs
from pipelines.records.standing_runs import WAVE_JOB
from pipelines.run.changed_run import parents, ready_assets

# a -> b -> c -> e, b -> d -> e, and f without dependencies
ABOVE = {"a": "", "f": "", "b": "a", "c": "b", "d": "b", "e": "cd"}


def chosen(stale: str, *together: str) -> str:
    above = {dg.AssetKey(k): {dg.AssetKey(p) for p in parents} for k, parents in ABOVE.items()}
    steps = [set(map(dg.AssetKey, keys)) for keys in together]
    return "".join(
        sorted(k.path[0] for k in ready_assets(set(map(dg.AssetKey, stale)), above, steps))
    )


@pytest.mark.parametrize(
    ("stale", "now"),
    [
        ("abcdef", "abcdef"),
        ("c", "c"),
        ("ce", "ce"),
        ("ac", "a"),  # b between them is fresh, and may be stale once a is made again
        ("acf", "af"),
        ("be", "b"),
        ("bcde", "bcde"),
        ("bce", "bc"),  # d is fresh
        ("ae", "a"),
    ],
)
def test_an_asset_waits_for_what_is_between_it_and_a_stale_one(stale: str, now: str) -> None:
    assert chosen(stale) == now


def test_what_a_step_makes_together_waits_together() -> None:
    assert chosen("ace", "ce") == "a"
    assert chosen("cdf", "cd") == "cdf"


def test_what_readers_get_waits_for_every_check_that_blocks() -> None:
    graph = defs.resolve_asset_graph()
    blocking = {
        key.asset_key
        for key in graph.asset_check_keys
        if graph.get(key).blocking
        and key in defs.resolve_job_def(WAVE_JOB).asset_layer.asset_graph.asset_check_keys
    }
    published = dg.AssetKey(["report", "published"])
    # the step that makes it makes the parts too, and waits for what is above any of them
    (made,) = (d for d in graph.assets_defs if published in d.keys)
    assert graph.get(published).parent_keys == made.keys - {published}
    assert not made.can_subset
    above = {key for own in made.keys for key in graph.get(own).parent_keys}
    assert dg.AssetKey(["raw", "dataset"]) in blocking
    # directly: in a run of some assets only, nothing else holds it up
    assert blocking <= above


def test_only_assets_of_a_wave_s_run_are_made_again() -> None:
    """Assets below the publication are made only on demand."""
    published = dg.AssetKey(["report", "published"])
    graph = defs.resolve_asset_graph()
    assert {key.path[0] for key in graph.get(published).child_keys} >= {"trends"}
    assert published in parents(defs)
    assert not [key for key, above in parents(defs).items() if published in above]

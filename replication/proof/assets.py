"""What claims leave open, as an asset: the bounds `make proofs` found of what they state."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pandas as pd

from assets.step.metadata import frame_metadata
from assets.step.names import OWNERS, wave_partitions
from assets.step.rows_version import rows_version
from assets.step.workspace import Workspace
from declarations import SourceSheet, Study
from declarations.claims.claim import Claim
from replication.proof.claim_bounds import COLUMNS, lines
from replication.proof.record import printed_wave, read_bounds, read_proofs
from replication.reproduction import has_print, printed_folder

BOUNDS_OF_CLAIMS = dg.AssetKey(["proof", "bounds_of_claims"])
DESCRIPTION = (
    "What print allows for the shares, counts and differences that statements of the report name "
    "and no table prints: the smallest and largest value over all data that agree with print "
    "(`samspil bounds`), whether both ends are attained (exact) or only nothing lies beyond them "
    "(outer), and counts that attain what was attained. Rests on print, the register and the "
    "proofs committed by `make proofs`; what is attained, on the constructed answers given anew. "
    "Empty for a real wave and where anything the proofs rest on changed."
)


def build_claim_bounds(
    study: Study, claims: Mapping[str, Sequence[Claim]]
) -> list[dg.AssetsDefinition]:
    """One asset; none for a study without print or statements."""
    return [_asset(study, claims)] if printed_folder(study) and claims else []


def _asset(study: Study, claims: Mapping[str, Sequence[Claim]]) -> dg.AssetsDefinition:
    @dg.asset(
        key=BOUNDS_OF_CLAIMS,
        group_name="proof",
        description=DESCRIPTION,
        kinds={"pandas"},
        owners=OWNERS,
        metadata={"declared_in": "proofs/bounds.yaml"},
        partitions_def=wave_partitions(study),
    )
    def bounds_of_claims(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> dg.MaterializeResult[Any]:
        wave = context.partition_key
        store, sheet = workspace.store(wave), workspace.sheet(study, wave)
        every = [claim for own in claims.values() for claim in own]
        frame = bounds_frame(study, sheet, every)
        store.write({(BOUNDS_OF_CLAIMS.path[0], BOUNDS_OF_CLAIMS.path[-1]): frame})
        found = {str(kind): n for kind, n in Counter(frame["bound"]).items()}
        return dg.MaterializeResult(
            data_version=rows_version(frame, sheet),
            metadata={
                **frame_metadata(frame, sheet, {}, relation=BOUNDS_OF_CLAIMS.path[-1]),
                **found,
            },
        )

    return bounds_of_claims


def bounds_frame(study: Study, sheet: SourceSheet, claims: Sequence[Claim]) -> pd.DataFrame:
    """One line per claim and question; none for a wave the proofs are not about, or a real one."""
    own: list[tuple[str, ...]] = []
    if sheet.constructed and has_print(study, sheet.wave) and sheet.wave == printed_wave(study):
        verdicts = {name: proof.verdict for name, proof in read_proofs(study, claims).items()}
        own = lines(claims, read_bounds(study), verdicts, study.in_wave(sheet.wave))
    return pd.DataFrame(own, columns=list(COLUMNS), dtype="object")

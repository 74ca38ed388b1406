"""Regression models: one asset per statement that a difference holds or vanishes under control."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.analysis.models import (
    WORDS,
    indicators,
    model_frames,
    needed_terms,
    patterns_of,
    rules_of,
    sentence,
)
from assets.step.lineage import column_span, page_link
from assets.step.markdown import BANNER
from assets.step.metadata import data_note, frame_metadata
from assets.step.names import OWNERS, answers, clean, wave_partitions
from assets.step.rows_version import rows_version
from assets.step.workspace import Workspace
from declarations import Study
from declarations.tables.models import Model, Models, read_models
from runtime import second_process
from runtime.safe_text import markdown_text

PENALTY = (
    "Where maximum likelihood has no finite answer, or rests on too few events, the fit is "
    "penalized and its status says so."
)


def model_key(model_id: str) -> dg.AssetKey:
    """A regression model."""
    return dg.AssetKey(["models", model_id])


def build_models(study: Study) -> list[dg.AssetsDefinition]:
    """One step for all models, so that the statistics library is imported once."""
    declared = read_models(study)
    if not declared.models:
        return []
    return [_step(study, declared)]


def _step(study: Study, declared: Models) -> dg.AssetsDefinition:
    note = data_note(study)

    @dg.multi_asset(
        name="fit_models",
        specs=[_spec(model, study, note) for model in declared.models],
        partitions_def=wave_partitions(study),
        can_subset=True,
    )
    def fit_models(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> Iterator[dg.MaterializeResult[Any]]:
        wave = context.partition_key
        store, sheet = workspace.store(wave), workspace.sheet(study, wave)
        chosen = [m for m in declared.models if model_key(m.id) in context.selected_asset_keys]
        members = indicators(
            store.read("clean", "memberships"), [t for m in chosen for t in needed_terms(m)]
        )
        questions = dict.fromkeys(study.items[model.item].question for model in chosen)
        answered = store.read_all("answers", questions)
        patterns = [
            patterns_of(model, members, answered[study.items[model.item].question])
            for model in chosen
        ]
        fitted = second_process.call(model_frames, chosen, patterns, rules_of(declared))
        frames = {model.id: frame for model, frame in zip(chosen, fitted, strict=True)}
        store.write({("models", name): frame for name, frame in frames.items()})
        for model in chosen:
            frame = frames[model.id]
            outcome = (answers(study.items[model.item].question), "code")
            terms = (clean("memberships"), "level")
            numbers = [name for name in frame if frame[name].dtype.kind in "fi"]
            yield dg.MaterializeResult(
                asset_key=model_key(model.id),
                data_version=rows_version(frame, sheet),
                metadata={
                    **frame_metadata(
                        frame, sheet, {str(n): [outcome, terms] for n in numbers}, relation="models"
                    ),
                    "result": dg.MarkdownMetadataValue(
                        f"{sentence(model, frame)}\n\n{BANNER[sheet.shown_as]}"
                    ),
                    "status": str(frame["status"].iloc[0]),
                },
            )

    return fit_models


def _spec(model: Model, study: Study, note: str) -> dg.AssetSpec:
    item = study.items[model.item]
    codes, beside = (
        ", ".join(map(str, model.codes)),
        ", ".join(dict.fromkeys(g for g, _ in model.covariates)),
    )
    outcome = (
        f"{page_link(f'answers/{item.question}')} ({markdown_text(item.label.en)}, codes {codes})"
    )
    terms = f"{' = '.join(model.exposure)}, alone and beside {beside}"
    base = "Base: those who answered the item; don't know is inside it."
    column = f"Export column {column_span(item.variable)}"
    words = [
        markdown_text(f"{model.title.da} / {model.title.en}"),
        note,
        f"Section {model.section}. Logistic regression of {outcome} on {terms}.",
        f"{column}; terms from {page_link('clean/memberships')}. {base}",
        f"{PENALTY} The report says that the difference {WORDS[model.states]} under control.",
        model.note,
    ]
    return dg.AssetSpec(
        model_key(model.id),
        group_name=f"models_{model.chapter}",
        description="\n\n".join(word for word in words if word),
        deps=[answers(item.question), clean("memberships")],
        kinds={"duckdb", "pandas"},
        owners=OWNERS,
        metadata={"declared_in": model.source, "section": model.section},
    )

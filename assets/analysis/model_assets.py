"""Regression models: one asset per statement on a difference under control."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.analysis.models import (
    MODEL_COLUMNS,
    WORDS,
    counted_patterns,
    fitted_frame,
    rules_of,
    sentence,
)
from assets.counts.counting import write_patterns
from assets.statistics.regression import all_adjusted
from assets.step.columns import described
from assets.step.declared import asked_by
from assets.step.declaring import FIGURES
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.lineage import column_span, page_link
from assets.step.markdown import DATA_LABEL
from assets.step.metadata import data_note
from assets.step.names import answers, clean
from declarations import Study
from declarations.tables.models import Model
from runtime import second_process
from runtime.safe_text import markdown_text

COLUMNS = described(
    MODEL_COLUMNS,
    {
        **{
            f"{kind}_{name}": f"{what}, {how}"
            for kind, how in (
                ("bivariate", "the level against everyone else"),
                ("adjusted", "adjusted for all other terms of the model"),
            )
            for name, what in (
                ("or", "Odds ratio"),
                ("low", "Lower bound of its Wald interval"),
                ("high", "Upper bound of its Wald interval"),
                ("p", "Wald test, two-sided"),
            )
        },
        "model": "Declared model",
        "term": "exposure, covariate or constant",
        "group": "Background variable",
        "n": "Respondents in the level who answered the outcome (constant: all)",
        "events": "Respondents in the level who have the outcome (constant: all who have it)",
        "bivariate_status": "estimated, sparse, penalized or not_estimable: the bivariate fit",
        "status": "estimated, sparse, penalized or not_estimable: the adjusted fit",
    },
)
PENALTY = (
    "If maximum likelihood has no finite solution, or there are too few events, the fit is "
    "penalized, and its status says so."
)


def model_key(model_id: str) -> dg.AssetKey:
    """A regression model."""
    return dg.AssetKey(["models", model_id])


def steps(study: Study) -> list[Step]:
    """One step for all models, so that the statistics library is imported once."""
    models, note = study.models, data_note(study)
    assets = [_asset(model, models.rules, study, note) for model in models.models]
    return [step("fit_models", study, assets, fit_models, partial=True)] if assets else []


def fit_models(given: Given) -> Iterator[Made]:
    """The chosen models, fitted in the second process."""
    store, items, models = given.store, given.study.items, given.study.models
    chosen = [m for m in models.models if model_key(m.id) in given.chosen]
    with store.connect() as connection:
        write_patterns(connection, given.asked)
        patterns = [counted_patterns(connection, model, given.asked) for model in chosen]
    questions = {model.id: items[model.item].question for model in chosen}
    rules = rules_of(models)
    fits = second_process.call(all_adjusted, patterns, rules)
    for model, counted, fitted in zip(chosen, patterns, fits, strict=True):
        frame = fitted_frame(model, counted, rules, fitted)
        made_from = [(answers(questions[model.id]), "code"), (clean("memberships"), "level")]
        numbers = [str(name) for name in frame if frame[name].dtype.kind in "fi"]
        said = f"{sentence(model, frame)}\n\n{DATA_LABEL[given.sheet.shown_as]}"
        yield Made(
            model_key(model.id),
            frame,
            dict.fromkeys(numbers, made_from),
            {"result": dg.MarkdownMetadataValue(said), "status": str(frame["status"].iloc[0])},
        )


def _asset(model: Model, rules: Any, study: Study, note: str) -> Asset:
    item = study.items[model.item]
    codes, beside = (
        ", ".join(map(str, model.codes)),
        ", ".join(dict.fromkeys(g for g, _ in model.covariates)),
    )
    outcome = (
        f"{page_link(f'answers/{item.question}')} ({markdown_text(item.label.en)}, codes {codes})"
    )
    terms = f"{' = '.join(model.exposure)}, alone and adjusted for {beside}"
    base = "Base: respondents who answered the item, including don't know."
    column = f"Export column {column_span(item.variable)}"
    words = [
        markdown_text(f"{model.title.da} / {model.title.en}"),
        note,
        f"Section {model.section}. Logistic regression of {outcome} on {terms}.",
        f"{column}; terms from {page_link('clean/memberships')}. {base}",
        (
            f"{PENALTY} The report says that the difference {WORDS[model.states]} when other "
            "variables are controlled."
        ),
        model.note,
    ]
    groups = dict.fromkeys(g for g, _ in (model.exposure, *model.covariates))
    return Asset(
        model_key(model.id),
        group=f"models_{model.chapter}",
        description="\n\n".join(word for word in words if word),
        deps=[answers(item.question), clean("memberships")],
        rests_on=[model, rules, asked_by(item), [study.group[name] for name in groups]],
        columns=COLUMNS,
        published=[Published("results", "models", csv=True, holds=FIGURES)],
        metadata={"declared_in": model.source, "section": model.section},
    )

"""Declared models: who is in them, what is counted, and a comparison with the row-level fit."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assets.analysis.models import (
    MODEL_COLUMNS,
    model_frame,
    rules_of,
    sentence,
)
from assets.statistics.regression import ESTIMATED, PENALIZED, SPARSE
from declarations import SpecError, Study, load_study
from declarations.labels import Label
from declarations.tables.models import Model, Models
from tests.chain import Chain, declared_study
from tests.members import indicators, needed_terms, patterns_of

DECLARED = declared_study().models
BY_ID = {model.id: model for model in DECLARED.models}


def frame_of(model: Model, study: Study, committed: Chain) -> pd.DataFrame:
    members = indicators(committed.memberships, needed_terms(model))
    answers = committed.answers[study.items[model.item].question]
    return model_frame(model, patterns_of(model, members, answers), rules_of(DECLARED))


def test_a_model_leaves_out_other_cuts_of_what_its_exposure_cuts() -> None:
    bands = BY_ID["m_5_2_user_run_never_pressure"]
    assert bands.exposure == ("pressure_band", "highest")
    groups = {group for group, _ in bands.covariates}
    assert groups == {"area", "size", "region", "bloc"}
    size = BY_ID["m_3_1_policy_size"]
    assert {group for group, _ in size.covariates} == {"area", "region", "bloc", "pressure_half"}
    assert [group for group, _ in BY_ID["m_5_5_none_bloc"].covariates] == ["size"] * 3


def test_models_stand_in_the_order_of_the_report() -> None:
    sections = [tuple(map(int, model.section.split("."))) for model in DECLARED.models]
    assert sections == sorted(sections)
    assert len(BY_ID) == len(DECLARED.models)


@pytest.mark.parametrize("model", DECLARED.models, ids=lambda model: model.id)
def test_the_committed_wave_gives_the_row_level_odds_ratios(
    model: Model, study: Study, committed: Chain
) -> None:
    import statsmodels.api as sm

    frame = frame_of(model, study, committed)
    assert list(frame.columns) == list(MODEL_COLUMNS)
    assert len(frame) == len(model.terms) + 1
    answers = committed.answers[study.items[model.item].question]
    own = answers[(answers["item"] == model.item) & answers["rule"].isna()]
    members = committed.memberships
    places: dict[str, set[tuple[str, str]]] = {}
    for who, group, level in zip(
        *(members[c] for c in ("respondent", "group", "level")), strict=True
    ):
        places.setdefault(who, set()).add((group, level))
    y = np.array([code in model.codes for code in own["code"]], dtype=float)
    x = np.array([[1.0, *(t in places[r] for t in model.terms)] for r in own["respondent"]])
    for place, line in enumerate(frame.itertuples()):
        column = x[:, (place + 1) % x.shape[1]]  # the constant is first here, last there
        assert line.n == column.sum()
        assert line.events == (column * y).sum()
    assert set(frame["status"]) <= {ESTIMATED, SPARSE, PENALIZED}
    if PENALIZED in set(frame["status"]):
        return
    fit = sm.Logit(y, x).fit(disp=0, method="newton", tol=1e-14, maxiter=100)
    expected = np.roll(np.column_stack([fit.params, fit.conf_int()]), -1, axis=0)
    found = frame[["adjusted_or", "adjusted_low", "adjusted_high"]].to_numpy(dtype=float)
    np.testing.assert_allclose(np.log(found), expected, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(
        frame["adjusted_p"].astype(float), np.roll(fit.pvalues, -1), rtol=1e-8, atol=1e-12
    )
    alone = sm.Logit(y, x[:, :2]).fit(disp=0, method="newton", tol=1e-14)
    assert math.log(frame["bivariate_or"].iloc[0]) == pytest.approx(alone.params[1], abs=1e-8)
    assert frame["bivariate_p"].iloc[0] == pytest.approx(alone.pvalues[1], rel=1e-7)


def test_nobody_in_the_highest_band_never_does_so_and_the_fit_says_it_is_penalized(
    study: Study, committed: Chain
) -> None:
    frame = frame_of(BY_ID["m_5_2_user_run_never_pressure"], study, committed)
    first = frame.iloc[0]
    assert (first["events"], first["bivariate_status"], first["status"]) == (
        0, PENALIZED, PENALIZED,
    )  # fmt: skip
    assert frame["adjusted_high"].max() < 1e4


def test_seventeen_events_are_too_few_for_seventeen_terms(study: Study, committed: Chain) -> None:
    frame = frame_of(BY_ID["m_4_3_other_faiths_bloc"], study, committed)
    assert frame["events"].iloc[-1] == 17
    assert set(frame["status"]) == {PENALIZED}
    text = sentence(BY_ID["m_4_3_other_faiths_bloc"], frame)
    assert text.startswith("bivariate odds ratio 0.27 (")
    assert text.endswith(
        "The report: less likely; when other variables are controlled the difference holds."
    )


def test_patterns_of_a_small_world_worked_by_hand() -> None:
    members = pd.DataFrame(
        [("A", "size", "big"), ("A", "bloc", "blue"), ("B", "bloc", "blue"), ("C", "size", "big"),
         ("C", "bloc", "red"), ("D", "bloc", "red"), ("E", "size", "big"), ("E", "bloc", "blue")],
        columns=["respondent", "group", "level"],
    )  # fmt: skip
    answers = pd.DataFrame(
        {
            "respondent": ["A", "B", "C", "D", "E"],
            "item": ["x"] * 5,
            "code": pd.array([1, 2, 1, 4, None], dtype="Int64"),
            "rule": [None, None, None, None, "undeclared_code"],
        }
    )
    model = Model(
        id="m", chapter="1", section="1.1", title=Label("", ""), item="x", codes=(1,),
        exposure=("size", "big"), covariates=(("bloc", "blue"),), states="holds",
        direction="more", source="m.yaml",
    )  # fmt: skip
    patterns = patterns_of(model, indicators(members, needed_terms(model)), answers)
    assert patterns.design.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert patterns.successes.tolist() == [0, 0, 1, 1]
    assert patterns.failures.tolist() == [1, 1, 0, 0]
    blue = Model(**{**vars(model), "sample": {"bloc": ("blue",)}})
    patterns = patterns_of(blue, indicators(members, needed_terms(blue)), answers)
    assert (patterns.events, patterns.non_events) == (1, 1)
    frame = model_frame(blue, patterns, rules_of(Models()))
    assert frame["n"].tolist() == [1, 2, 2]
    assert frame["bivariate_status"].tolist() == [PENALIZED, "not_estimable", ""]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("item: municipal_policy", "item: nothing", "expected a closed item"),
        ("codes: [1]", "codes: [9]", "found 9, expected a code of municipal_policy"),
        ("codes: [1]", "codes: [1, 2, 3, 4, 5]", "but not all"),
        ("group: size", "group: sizes", "found 'sizes', expected a group"),
        ("level: from_75000", "level: from_1", "found 'from_1', expected a level of size"),
        ("states: vanishes", "states: explodes", "'explodes'"),
        ("direction: more", "covariates: [age]", "covariates[1]: found 'age', expected a group"),
        ('section: "3.1"', "section: three", "section: found 'three', expected"),
        ("id: m_3_1_policy_size", "id: m_3_1_policy_pressure", "expected each id once"),
        ("outcome:", "result:", "outcome: found no such entry"),
    ],
)
def test_a_broken_model_is_refused_by_name(study_copy: Path, old: str, new: str, says: str) -> None:
    path = study_copy / "models" / "m_3_1_policy_size.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SpecError) as error:
        load_study(study_copy)
    assert "models/" in str(error.value)
    assert says in str(error.value)

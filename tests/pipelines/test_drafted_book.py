"""`samspil init` drafts a banner book. After a run every cell of it equals the count of pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from assets.tabulate.counting import Counter
from assets.tabulate.request import book_requests, request_of
from assets.tabulate.results import tabulate_requests
from declarations import Study, load_study
from declarations.fields.fields import fields_of
from pipelines.draft.folder import draft_study
from tests.chain import edit
from tests.checkout import execute
from tests.foreign import tables, write_delimited, write_excel, write_spss
from tests.poll import people
from tests.tabulated import computed

WAVE = "1"


def drafted(root: Path, form: str) -> Path:
    (root / "studies").mkdir()
    if form == "csv":
        source = write_delimited(root / "export")
    elif form == "xlsx":
        source = write_excel(root / "export.xlsx")
    else:
        source = write_spss(root / "export.sav")
    return draft_study(source, root / "studies", "book", WAVE, None).folder


@pytest.mark.parametrize("form", ["csv", "xlsx", "sav"])
def test_every_cell_of_the_book_equals_pandas(tmp_path: Path, form: str) -> None:
    folder = drafted(tmp_path, form)
    book = yaml.safe_load((folder / "crosstabs.yaml").read_text(encoding="utf-8"))
    assert "mean" in book["show"]
    # every cell is compared, those of few respondents too
    edit(folder / "study.yaml", "policy: suppress", "policy: warn")
    study = load_study(folder)
    groups = [q.id for q in study.questions if q.type == "single"]
    book["by"] = groups
    book["defaults"] = {"weight": "made"}
    (folder / "crosstabs.yaml").write_text(yaml.safe_dump(book), encoding="utf-8")
    (folder / "weights").mkdir(exist_ok=True)
    first = next(q for q in study.questions if q.type == "single")
    codes = first.closed_items[0].codes
    margin = {f"code_{code}": n for n, code in enumerate(codes, start=1)}
    weight = {
        "id": "made",
        "kind": "poststratify",
        "margins": {first.id: margin},
        "unknown": "keep",
    }
    (folder / "weights" / f"{weight['id']}.yaml").write_text(
        yaml.safe_dump(weight), encoding="utf-8"
    )
    plain = {"id": "plain", "of": [q.id for q in study.counted_questions if not q.of_invitations],
             "by": groups, "weight": "none"}  # fmt: skip
    (folder / "tables" / "plain.yaml").write_text(yaml.safe_dump(plain), encoding="utf-8")
    study = load_study(folder)
    frame = run_whole(study, tmp_path) if form == "csv" else tabulated(study)
    lines = frame[(frame["statistic"] == "percent") | (frame["statistic"] == "n")]
    raw = respondents()
    item = first.closed_items[0]
    known = raw[item.variable] != ""
    own = raw[item.variable].map(lambda cell: margin.get(f"code_{cell}", 0))
    share = own / sum(margin.values()) * known.sum()
    fitted = (share / raw[item.variable].map(raw[item.variable].value_counts())).where(known, 1.0)
    seen = 0
    for line in lines.to_dict("records"):
        w = fitted if line["table"] != "plain" else pd.Series(1.0, index=raw.index)
        who = pd.Series(True, index=raw.index)
        if line["group"] != "all":
            column = study.question[line["group"]].closed_items[0].variable
            who = raw[column] == line["level"].removeprefix("code_")
        asked = study.items[line["row"]]
        cells = raw[asked.variable]
        base = who & (cells != "")
        if asked.type == "multiple":
            boxes = [i.variable for i in study.question[asked.question].closed_items]
            base = who & (raw[boxes] == "1").any(axis=1)
        code = "1" if asked.type == "multiple" else line["column"].removeprefix("code_")
        hit = base & (cells == code)
        assert line["base"] == base.sum()
        if line["statistic"] == "n":
            assert float(line["value"]) == hit.sum()
        elif base.sum():
            expected = w[hit].sum() / w[base].sum() * 100
            assert float(line["value"]) == pytest.approx(expected), line
        seen += 1
    assert seen > 200


def run_whole(study: Study, root: Path) -> pd.DataFrame:
    """The published results of a run; the other forms are read by the same functions."""
    assert execute(study, root, WAVE).success
    path = root / "output" / "book" / WAVE / "crosstabs.csv"
    return pd.read_csv(path, keep_default_na=False)


def tabulated(study: Study) -> pd.DataFrame:
    """The same results without Dagster."""
    asked = study.in_wave(WAVE)
    fields = fields_of(asked)
    requests = [
        *book_requests(asked, fields),
        *(request_of(one, asked, fields) for one in study.tabulation.tables),
    ]
    with computed(study, WAVE) as connection:
        counter = Counter(connection, asked, fields)
        frames = tabulate_requests(counter, requests, WAVE, study.folder / "waves" / WAVE)
        return pd.concat(list(frames.values()), ignore_index=True)


def respondents() -> pd.DataFrame:
    """The answers of the participants, which are equal in every form."""
    data, _, _ = tables()
    raw = pd.DataFrame(data[1:], columns=data[0])
    return raw[(raw["stato_4"] == "1") | (raw["stato_3"] == "1")].reset_index(drop=True)


def test_groups_weights_and_scales_are_seen(tmp_path: Path) -> None:
    import pyreadstat

    raw = people()
    frame = pd.DataFrame({"respid": raw["id"]})
    numbers: dict[str, Any] = {
        "gender": None,
        "income": None,
        "age": None,
        "weight": None,
        "liking": None,
    }
    for name in numbers:
        frame[name] = pd.to_numeric(raw[name], errors="coerce")
    frame["liking"] = frame["liking"].where(frame["liking"] <= 10)
    frame["wgt2"] = 1.0
    labels = {
        "gender": {1.0: "Woman", 2.0: "Man", 9.0: "Refused"},
        "liking": {0.0: "Dislike", 10.0: "Like", **{float(n): str(n) for n in range(1, 10)}},
    }
    pyreadstat.write_sav(frame, tmp_path / "poll.sav", variable_value_labels=labels)
    (tmp_path / "studies").mkdir()
    made = draft_study(tmp_path / "poll.sav", tmp_path / "studies", "seen", WAVE, None)
    text = (made.folder / "crosstabs.yaml").read_text(encoding="utf-8")
    assert "  - gender   # guess: " in text
    assert "# scales: [liking]" in text
    weight = yaml.safe_load(
        (made.folder / "weights" / "weight_weight.yaml").read_text(encoding="utf-8")
    )
    assert weight == {"id": "weight_weight", "kind": "column", "column": "weight"}
    told = "\n".join(made.doubts)
    assert (
        "looks like a weight; weights/weight_weight.yaml declares it. No table is weighted" in told
    )
    assert "wgt2 is named like a weight, but it is the same for everyone" in told
    # nothing is weighted silently
    study = load_study(made.folder)
    assert study.tabulation.book is not None
    assert study.tabulation.book.weight is None
    assert study.tabulation.defaults.weight is None

"""Tick boxes of an export without a structure: which columns are boxes, and of what."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from assets.raw.readers.boxes import BOX_LABELS, DeclaredSet, describe

NAMES = ("m1", "m2", "m3", "x")
SAID = dict.fromkeys(NAMES[:3], "Which media?") | {"x": "Old?"}
CHOICES = {"m1": "Radio", "m2": "TV", "m3": "Press"}
X_LABELS = [("x", "1", "young"), ("x", "2", "old")]
STRUCTURE = (
    *(("m", name, "Closed", "Multiple", "Which media?", str(place), CHOICES[name])
      for place, name in enumerate(CHOICES, start=1)),
    ("x", "x", "Closed", "Single", "Old?", "", ""),
)  # fmt: skip


def test_boxes_with_one_text_are_named_by_the_label_of_the_ticked_code() -> None:
    columns = [["1", "", "1"], ["", "1", ""], ["1", "1", ""], ["1", "2", "2"]]
    labels = [*((name, "1", text) for name, text in CHOICES.items()), *X_LABELS]
    found = describe(NAMES, columns, labels, SAID)
    assert found.structure == STRUCTURE
    assert found.columns == columns
    assert found.labels == [*labels, *((name, "0", "Not selected") for name in CHOICES)]
    assert found.notes == []


@pytest.mark.parametrize("ticked", ["2", "7"])
def test_boxes_of_other_codes_become_1_and_0(ticked: str) -> None:
    columns = [[ticked, "1", ""], ["1", ticked, "1"], [ticked, ticked, "9"], ["1", "2", "2"]]
    labels = [
        *((name, code, text) for name, choice in CHOICES.items()
          for code, text in ((ticked, choice), ("1", "Not mentioned"))),
        *X_LABELS,
    ]  # fmt: skip
    declared = DeclaredSet("$m", "Which media?", ("m1", "m2", "m3"), ticked)
    found = describe(NAMES, columns, labels, SAID, [declared])
    # what is neither stays for the check of the scale
    assert found.columns == [["1", "0", ""], ["0", "1", "0"], ["1", "1", "9"], ["1", "2", "2"]]
    assert found.structure == STRUCTURE
    assert [one for one in found.labels if one[0] == "m1"] == [
        ("m1", "1", "Radio"), ("m1", "0", "Not selected")
    ]  # fmt: skip
    (note,) = found.notes
    assert note.startswith(f"boxes of m that hold {ticked} where ticked, expected 1")


def test_boxes_without_labels_share_the_start_of_their_texts() -> None:
    names = NAMES[:3]
    texts = {name: f"Which media? - {CHOICES[name]}" for name in names}
    found = describe(names, [["0", "1"], ["1", "0"], ["1", "1"]], [], texts)
    # the third holds no 0, so nothing shows that it is a box
    assert [row[2:4] for row in found.structure] == [("Closed", "Multiple")] * 2 + [("Open", "")]
    assert [row[6] for row in found.structure] == ["Radio", "TV", ""]
    assert sorted(found.labels) == [(name, *pair) for name in names[:2] for pair in BOX_LABELS]


@pytest.mark.parametrize(
    ("words", "noted"),
    [
        ({"1": "Selected", "0": "Not selected"}, True),
        # yes and no are answers
        ({"1": "Yes", "0": "No"}, False),
        ({"1": "Selected", "0": "Other"}, False),
    ],
)
def test_a_box_of_no_question_is_told(words: Mapping[str, str], noted: bool) -> None:
    labels = [("a", code, text) for code, text in words.items()]
    found = describe(["a", "b"], [["0", "1"], ["1", "0"]], labels, {"a": "Alone", "b": "Other"})
    assert [note[:40] for note in found.notes] == (
        ["1 columns labelled as tick boxes of no q"] if noted else []
    )

"""The label of a level of a group made of answers: its own, its code's, or its key."""

from __future__ import annotations

from pathlib import Path

from declarations.fields.fields import fields_of
from declarations.fields.levels import levels_of
from tests.poll import write_poll


def test_a_level_is_labelled_by_itself_by_its_code_or_by_its_key(tmp_path: Path) -> None:
    study = write_poll(
        tmp_path,
        {
            "groups/own.yaml": {
                "id": "own", "kind": "answer", "of": "gender",
                "levels": [{"key": "women", "codes": [1], "da": "Kvinder", "en": "Females"},
                           {"key": "men", "codes": [2]}],
            },
            "groups/parties.yaml": {
                "id": "parties", "kind": "answer", "of": "party",
                "levels": [{"key": "both", "codes": ["A1", "B2"]}],
            },
            "groups/all_codes.yaml": {"id": "all_codes", "kind": "answer", "of": "gender"},
        },
    )  # fmt: skip
    (women, men, *_) = study.items["gender"].scale
    found = levels_of("own", study, fields_of(study))
    assert found is not None
    assert [(level.key, level.label.da, level.label.en) for level in found] == [
        ("women", "Kvinder", "Females"),
        ("men", men.label.da, men.label.en),
    ]
    both = levels_of("parties", study, fields_of(study)) or []
    assert [(level.key, level.label.da, level.label.en) for level in both] == [("both",) * 3]
    every = levels_of("all_codes", study, fields_of(study))
    assert every is not None
    assert [level.label for level in every][:2] == [women.label, men.label]

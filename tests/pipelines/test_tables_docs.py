"""The recipes of docs/tables.md give the outputs shown there, on the report's wave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.recipes import DOCUMENT, Recipe, output, recipes, report

RECIPES = list(recipes(DOCUMENT.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def relations() -> Iterator[duckdb.DuckDBPyConnection]:
    with report() as connection:
        yield connection


def test_there_are_twenty_recipes_with_an_output_each() -> None:
    assert len(RECIPES) >= 20
    assert all(recipe.output.strip() for recipe in RECIPES)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_a_recipe_comes_to_its_output(
    recipe: Recipe, relations: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert output(recipe, relations, tmp_path) == recipe.output

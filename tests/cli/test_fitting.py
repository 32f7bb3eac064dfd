"""What is said of a recipe that is not for a domain."""

from __future__ import annotations

import pytest

from treewright.cli.fitting import not_for


@pytest.mark.parametrize(
    ("recipe", "domain"),
    [
        ("mcts", "game24"),
        ("agentless", "code_repository"),
        ("best_first", "miniwob"),  # its card names web
        ("agentcoder", "code_lines"),
        ("nothing", "game24"),
        ("agentless", "of_nobody"),
    ],
)
def test_what_fits_or_is_not_known_is_not_spoken_of(recipe: str, domain: str) -> None:
    assert not_for(recipe, domain) is None


@pytest.mark.parametrize(("recipe", "domain"), [("agentless", "game24"), ("agentless", "code"), ("beam", "miniwob")])
def test_a_misfit_is_told_with_what_the_recipe_is_for(recipe: str, domain: str) -> None:
    said = not_for(recipe, domain)
    assert said is not None
    assert f"note: {recipe} is for " in said
    assert f"not for {domain}" in said

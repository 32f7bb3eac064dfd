"""What a search is made of: domain, policy, value model and recipe, by name or as objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..domains.protocol import Domain, Task
from ..value_models.protocols import Policy, Ranker, ValueModel
from .budget import Budget
from .described import described
from .engine import Engine
from .errors import MissingPart
from .operators import CHECKS
from .recipe import Recipe, make_recipe
from .registry import load


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one search.

    Attributes:
        names: the registered names of those that were given by name.
    """

    domain: Domain
    policy: Policy | Ranker
    value: ValueModel | None
    recipe: Recipe
    names: dict[str, str]

    @classmethod
    def load(
        cls,
        domain: str | Domain,
        policy: str | Policy | Ranker,
        value: str | ValueModel | None,
        recipe: str | Recipe,
    ) -> Parts:
        """Makes the parts that are given by name; the policy is the value model too where it can score and none is
        given.

        Raises:
            UnknownName: no such name.
            MissingPart: the recipe needs a model or an ability that it was not given.
        """
        given = {"domain": domain, "policy": policy, "value": value}
        names = {part: name for part, name in given.items() if isinstance(name, str)}
        domain = load("domains", domain)() if isinstance(domain, str) else domain
        recipe = make_recipe(recipe) if isinstance(recipe, str) else recipe
        policy = load("policies", policy)() if isinstance(policy, str) else policy
        value = load("value_models", value)() if isinstance(value, str) else value
        if value is None and isinstance(policy, ValueModel):
            value = policy
        check_parts(recipe, policy, value)
        return cls(domain, policy, value, recipe, names)

    @property
    def value_range(self) -> tuple[float, float]:
        """Lowest and highest value."""
        return (0.0, 1.0) if self.value is None else self.value.value_range

    def engine(
        self, budget: Budget, seed: int, tasks_at_once: int, clock: Callable[[], float], *, deterministic: bool
    ) -> Engine:
        """A new engine for these parts.

        Raises:
            MissingPart: the budget has a limit that a deterministic search cannot keep.
        """
        if deterministic and budget.seconds is not None:
            raise MissingPart("a deterministic search cannot stop by the clock; leave seconds out of its budget")
        return Engine(
            self.domain,
            self.recipe,
            budget,
            value_range=self.value_range,
            tasks_at_once=tasks_at_once,
            seed=seed,
            clock=clock,
            apart=deterministic,
        )

    def described(self) -> dict[str, Any]:
        """The parts as plain data, for a run's journal."""
        return {
            "domain": self.domain.name,
            "recipe": described(self.recipe),
            "policy": repr(self.policy),
            "value": repr(self.value),
            "value_range": list(self.value_range),
            "names": self.names,
        }


def check_parts(recipe: Recipe, policy: object, value: ValueModel | None) -> None:
    """Raises MissingPart where a recipe needs a model or an ability that these do not have."""
    if recipe.operator.whole and not isinstance(policy, Policy):
        raise MissingPart(f"recipe {recipe.name!r} draws whole solutions; {type(policy).__name__} has no propose()")
    drawing = [operator.name for operator in recipe.operators if operator.draws]
    if drawing and not isinstance(policy, Policy):
        raise MissingPart(
            f"recipe {recipe.name!r} draws text ({', '.join(drawing)}); {type(policy).__name__} has no propose(): "
            "give a policy that draws, or a recipe that ranks what the domain lists, such as mcts"
        )
    scores_steps = recipe.evaluate in ("leaf", "children") and not recipe.operator.whole
    if scores_steps and value is None:
        raise MissingPart(
            f"recipe {recipe.name!r} needs a value model: give value=..., or a policy that scores too; "
            f"{type(policy).__name__} has no score()"
        )


def check_domain(recipe: Recipe, domain: Domain, tasks: Sequence[Task]) -> None:
    """Raises MissingPart where a domain cannot serve an operator of a recipe."""
    if not tasks or all(operator.kind != CHECKS for operator in recipe.operators):
        return
    if not domain.observe(domain.reset(tasks[0].visible())).checks:
        raise MissingPart(
            f"recipe {recipe.name!r} lets the model write checks of its own, and domain {domain.name!r} has no use for "
            "them; take own_checks=False, or a domain that runs programs, such as code"
        )

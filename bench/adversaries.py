"""What a value model that is wrong on purpose costs each recipe, and what executed evidence beside it gives back.

`python bench/adversaries.py` needs no server. It searches Countdown tasks with equal priors. The judge knows whether
the numbers left can still make the target, and says so through noise. Then it is spoiled
(`treewright.value_models.wrappers.Adversarial`). The defence is an ensemble of the judge with random plays to the end,
which are worse than the judge but cannot be talked round; its weights are those of `weights_of`, with the plays as
executed evidence. Each row is one recipe at one budget: tasks solved by the judge as it is and under each attack, alone
and defended, with the paired difference to the judge as it is.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from countdown_states import asked, hopeful, plays
from rich.console import Console
from rich.table import Table

from treewright.domains.math import countdown_tasks
from treewright.runs.outcomes import judged_states
from treewright.runs.run import run_suite
from treewright.runs.statistics import paired_difference
from treewright.runs.suites import Suite
from treewright.search import Budget, RunReader, make_recipe, run_async
from treewright.value_models import Evidence, ScriptedValue, Uniform, ValueModel
from treewright.value_models.measures import auroc
from treewright.value_models.scripted import uniform_hash
from treewright.value_models.wrappers import Adversarial, Ensemble, weights_of


def judge(evidence: Evidence) -> float:
    """The truth at 0.7 or 0.3, and noise that often hides it."""
    noise = uniform_hash("judge", evidence.question) - 0.5
    return min(max((0.65 if hopeful(*asked(evidence)) else 0.35) + 0.7 * noise, 0.0), 1.0)


def numbers_used(evidence: Evidence) -> int:
    """Steps taken, for the attack that begins at a depth."""
    return 4 - len(asked(evidence)[0])


ATTACKS: dict[str, Callable[[ValueModel], ValueModel]] = {
    "as it is": lambda model: model,
    "noise": lambda model: Adversarial(model, "noise"),
    "constant": lambda model: Adversarial(model, "constant"),
    "length": lambda model: Adversarial(model, "length"),
    "inverted from depth 1": lambda model: Adversarial(model, "inverted", depth=1, steps=numbers_used),
    "inverted": lambda model: Adversarial(model, "inverted"),
    "persuasive": lambda model: Adversarial(model, "persuasive"),
}


def solved(recipe: str, value: ValueModel, suite: Suite, budget: int, directory: Path) -> list[bool]:
    """Which tasks a recipe solves."""
    run = run_suite(
        suite, make_recipe(recipe), Budget(expansions=budget), policy=Uniform(), value=value, directory=directory,
        deterministic=True,
    )  # fmt: skip
    return [result.solved for result in run_async(run).results]


def measured(suite: Suite, place: Path, budget: int) -> dict[str, float]:
    """The AUROC of the judge and of the plays, on tasks of another seed."""
    both = Ensemble({"judge": ScriptedValue(judge), "plays": ScriptedValue(plays)})
    solved("mcts", both, suite, budget, place)
    known = [one for one in judged_states(RunReader(place)) if one.good is not None]
    labels = np.array([bool(one.good) for one in known])
    return {name: auroc(np.array([one.score.parts[name] for one in known]), labels) for name in ("judge", "plays")}


def main() -> None:
    """Prints one row a recipe and attack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--budget", type=int, default=12)
    parser.add_argument("--recipes", default="mcts,best_first,beam")
    args = parser.parse_args()
    suite = Suite("countdown", "countdown", tuple(countdown_tasks(args.tasks)))
    title = f"{args.tasks} Countdown tasks, {args.budget} nodes each: solved, and the difference to the judge as it is"
    table = Table("recipe", "judge", "alone", "difference, 95%", "defended", "difference, 95%", title=title)
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        other = Suite("countdown", "countdown", tuple(countdown_tasks(args.tasks, seed=1)))
        trust = measured(other, place / "trust", 4 * args.budget)
        weights = weights_of(trust, executable=["plays"])
        for recipe in args.recipes.split(","):
            honest: list[bool] = []
            without = solved(recipe, ScriptedValue(plays), suite, args.budget, place / f"{recipe} plays")
            table.add_row(recipe, "(plays, no judge)", f"{sum(without)}", "", "", "")
            for name, attack in ATTACKS.items():
                model = attack(ScriptedValue(judge))
                joined = Ensemble({"judge": model, "plays": ScriptedValue(plays)}, weights=weights)
                alone = solved(recipe, model, suite, args.budget, place / f"{recipe} {name}")
                defended = solved(recipe, joined, suite, args.budget, place / f"{recipe} {name} defended")
                honest = honest or alone
                cells = [f"{sum(found)}" for found in (alone, defended)]
                gaps = [f"{paired_difference(honest, found):+.0%}" for found in (alone, defended)]
                table.add_row(recipe, name, cells[0], gaps[0], cells[1], gaps[1])
            table.add_section()
    console = Console()
    console.print(f"AUROC measured on other tasks: {trust}; weights {weights}", soft_wrap=True, highlight=False)
    console.print(table)


if __name__ == "__main__":
    main()

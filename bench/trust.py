"""What a value of each kind costs, and how far it can be trusted: all kinds on the very same states.

`python bench/trust.py` searches Countdown tasks with a value model that knows nothing, draws states of those trees
evenly, and has each kind score them on local servers with the small model: the probability of a label, the judge with
one sample and with four, a head trained on the trees of other tasks, random plays to the end. A state is good where an
exact solver can still make the target: the truth, where `treewright trust` has only what the search found.

The table is that of `treewright trust`; tokens are the servers' counts.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from countdown_states import asked, hopeful, plays
from rich.console import Console

from treewright.cli.trusting import table_of
from treewright.domains.math import countdown_tasks
from treewright.domains.protocol import Task
from treewright.runs.outcomes import Judged, judged_states
from treewright.runs.run import run_suite
from treewright.runs.suites import Suite
from treewright.runs.training import State, material, train_value
from treewright.runs.trust import trust
from treewright.search import Budget, RunReader, mcts, run_async
from treewright.value_models import Batched, Indifferent, Score, ScriptedValue, Server, Uniform, Usage, ValueModel
from treewright.value_models.client import Client
from treewright.value_models.concurrency import together
from treewright.value_models.judge import Judge
from treewright.value_models.learned import Embeddings, LearnedValue
from treewright.value_models.pooling_server import pooling_arguments
from treewright.value_models.scoring import LabelValue


def states(tasks: Sequence[Task], directory: Path, most: int) -> list[Judged]:
    """Scored states of uninformed trees, drawn evenly, with the truth of each."""
    suite = Suite("countdown", "countdown", tuple(tasks))
    run = run_suite(suite, mcts(), Budget(expansions=24), policy=Uniform(), value=Indifferent(), directory=directory)
    run_async(run)
    found = [one for one in judged_states(RunReader(directory)) if one.depth > 0]
    chosen = np.random.default_rng(0).permutation(len(found))[:most]
    drawn = [found[at] for at in sorted(chosen.tolist())]
    return [replace(one, good=good, share=float(good)) for one in drawn for good in [hopeful(*asked(one.evidence))]]


async def scored(name: str, model: ValueModel, given: Sequence[Judged]) -> list[Judged]:
    """The states with a model's scores, under a name of the table's."""
    batched = Batched(model)
    told: list[list[Score]] = await together([batched.score([one.evidence]) for one in given])
    return [replace(one, score=replace(score, provenance=name)) for one, (score,) in zip(given, told, strict=True)]


async def at_a_server(url: str, given: Sequence[Judged], samples: int) -> list[Judged]:
    """What the model itself says: by label, and as a judge."""
    client = Client(url)
    kinds: dict[str, ValueModel] = {"label": LabelValue(client), "judge": Judge(client)}
    if samples > 1:
        kinds[f"judge, {samples} samples"] = Judge(client, samples=samples)
    found = [one for name, model in kinds.items() for one in await scored(name, model, given)]
    await client.close()
    return found


async def by_a_head(url: str, given: Sequence[Judged], learn: Sequence[Judged], place: Path) -> list[Judged]:
    """What a head says that was trained on the outcomes of other tasks."""
    features = Embeddings(url)
    taught = [State(one.task, one.evidence, bool(one.good)) for one in learn]
    trained = train_value(await material(taught, features, steps=False), place)
    found = await scored("head", LearnedValue(trained.head, features), given)
    await features.close()
    return found


def main() -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=80)
    parser.add_argument("--states", type=int, default=400)
    parser.add_argument("--learn", type=int, default=800, help="states of other tasks that the head learns from")
    parser.add_argument("--samples", type=int, default=4)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        given = states(countdown_tasks(args.tasks), place / "measured", args.states)
        learn = states(countdown_tasks(2 * args.tasks, seed=1), place / "learned", args.learn)
        played = run_async(scored("random plays", ScriptedValue(plays), given))
        found = [replace(one, score=replace(one.score, usage=Usage())) for one in played]  # no server counted tokens
        with Server(progress=print) as server:
            found += run_async(at_a_server(server.url, given, args.samples))
        with Server(arguments=pooling_arguments("embed", None), progress=print) as server:
            found += run_async(by_a_head(server.url, given, learn, place / "head"))
    Console().print(table_of(trust(found), f"{len(given)} states of Countdown tasks, by an exact solver"))


if __name__ == "__main__":
    main()

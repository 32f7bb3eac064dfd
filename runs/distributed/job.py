"""What every process of a distributed run is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ...domains.protocol import Domain
from ...search import Budget, Concurrency, Recipe, SearchError
from ...value_models.protocols import Policy, Ranker, ValueModel

# Makes the policy and the value model of worker `number` (from 0) of `of`.
Models = Callable[[int, int], tuple[Policy | Ranker, ValueModel | None]]


@dataclass(frozen=True, slots=True)
class Job:
    """One search, as each worker does it on its tasks.

    Attributes:
        domain: a registered name, or an object that can be pickled.
        models: makes a worker's policy and value model where it runs.
        concurrency: model requests that one worker has in flight at once.
        recipe, budget, seed, deterministic, cache, about: as for `treewright.search.search`; a cache is a file of the
            worker's own machine.
    """

    domain: str | Domain
    models: Models
    recipe: Recipe
    budget: Budget
    seed: int
    concurrency: Concurrency
    deterministic: bool
    cache: Path | None
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the workers of a distributed run are, and what each of them takes.

    Attributes:
        address: of a running Ray cluster; None starts one on this machine, or joins the one that Ray knows of.
        workers: processes, each with a forest and a journal of its own; 0 is one a node.
        cpus: of each worker; the sandbox's and the browser's processes are its children.
        resources: what else each worker takes, by Ray's names, such as {"browser": 1}.
        scratch: folder of a worker's own machine for its journals; None is the system's temporary folder.
        shards_a_worker: how many shards there are for each worker; more balance better and start more searches.
    """

    address: str | None = None
    workers: int = 0
    cpus: float = 1.0
    resources: Mapping[str, float] = field(default_factory=dict)
    scratch: Path | None = None
    shards_a_worker: int = 4

    @property
    def needs(self) -> str:
        """What a worker takes, in words."""
        return ", ".join([f"{self.cpus:g} CPUs", *(f"{amount:g} {name}" for name, amount in self.resources.items())])


def shared_out(urls: Sequence[str], how: Literal["shared", "split"], number: int, of: int) -> list[str]:
    """The servers of worker `number` (from 0) of `of`.

    shared: all of them. A prefix picks the same server whichever worker sends it, and a server that is lost is made up
    for by the others. split: every `of`-th one, so that a worker has connections to its own servers only; where there
    are fewer servers than workers, workers share one each.
    """
    if how == "shared":
        return list(urls)
    return list(urls[number::of]) or [urls[number % len(urls)]]


def resources(texts: Sequence[str] | None) -> dict[str, float]:
    """NAME=AMOUNT texts as resources.

    Raises:
        SearchError: a text that is none.
    """
    found = {}
    for text in texts or ():
        name, _, amount = text.partition("=")
        try:
            found[name.strip()] = float(amount or 1)
        except ValueError:
            raise SearchError(f"--worker-resource takes NAME=AMOUNT, such as browser=1; not {text!r}") from None
    return found

"""A suite in shards: which of its tasks each of several processes, or machines, works on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import pairwise
from typing import Any

from ..domains.protocol import Task
from ..search import Recipe
from ..search.errors import SearchError
from .suites import Suite


@dataclass(frozen=True, slots=True)
class Shard:
    """Shard `number` of `of`, counted from 1: as many tasks as the others have, or one more or less.

    Shards are runs of tasks that follow each other, so the shards of a suite, one after the other, are the suite.
    """

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard that "2/8" names.

        Raises:
            SearchError: the text names none.
        """
        number, slash, of = text.partition("/")
        if slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of):
            return cls(int(number), int(of))
        raise SearchError(f"a shard is i/n with i from 1 to n, such as 1/8 to 8/8; not {text!r}")

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def suite(self, suite: Suite) -> Suite:
        """The suite with this shard's tasks alone, named after it.

        Raises:
            SearchError: the suite has fewer tasks than shards, and this shard has none.
        """
        tasks = split(suite.tasks, self.of)[self.number - 1]
        if not tasks:
            most = len(suite.tasks)
            raise SearchError(f"shard {self} of {most} tasks is empty; take {most} shards at most")
        return replace(suite, name=f"{suite.name}-{self.number}of{self.of}", tasks=tuple(tasks))

    def about(self, suite: Suite) -> dict[str, Any]:
        """What a run of this shard of the suite keeps, so that a merge knows what belongs together."""
        return {"number": self.number, "of": self.of, "suite": f"{suite.name} {_digest(suite.tasks)}"}


def in_shard(suite: Suite, text: str, recipes: Sequence[Recipe]) -> tuple[Suite, dict[str, Any]]:
    """The suite of the shard that "2/8" names, and what its run keeps about it.

    Raises:
        SearchError: the text names no shard, the shard is empty, or there are several recipes: what the first one spent
            on the whole suite, which is the budget of the others, is not known in a shard.
    """
    if len(recipes) > 1:
        raise SearchError("a shard takes one recipe: the others would get what the first one spent on this shard alone")
    shard = Shard.parse(text)
    return shard.suite(suite), shard.about(suite)


def split(tasks: Sequence[Task], count: int) -> list[Sequence[Task]]:
    """The tasks in so many groups of neighbours, as equal in size as can be; empty ones where there are too few."""
    ends = [len(tasks) * number // count for number in range(count + 1)]
    return [tasks[first:end] for first, end in pairwise(ends)]


def _digest(tasks: Sequence[Task]) -> str:
    """Tells two lists of tasks apart."""
    digest = blake2b(digest_size=8)
    for task in tasks:
        for text in (task.id, task.text):
            digest.update(text.encode(errors="surrogatepass") + b"\0")
    return digest.hexdigest()

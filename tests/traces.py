"""Worked traces: a small task written down as a table, searched by a recipe, and what the journal says was done.

A `World` is a domain, a policy and a value model in one table, keyed by the path of words from the root ("" there,
"a b" two steps below): what is proposed, what is paid, what is scored. `trace` searches it on the real path, through
the journal, and gives the calls in their order; it also repeats the run from the journal and compares the trees, so
that a recipe whose choices hang on anything but the recorded answers fails its trace.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from treewright.domains.protocol import BadProposal, Format, Grade, Observation, Step, Task
from treewright.search import Budget, Recipe, Result, RunReader, resume, solve
from treewright.value_models import Evidence, Prompt, Score, ScriptedPolicy, Usage
from treewright.value_models.protocols import Ranking

Say = Mapping[str, Sequence[str]] | Callable[[Prompt], Sequence[str]]


@dataclass(frozen=True, slots=True)
class At:
    """A state of a world: the words so far."""

    words: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The words as the table's key."""
        return " ".join(self.words)


@dataclass
class World:
    """A task as a table. Keys are paths of words; a step adds one word, a whole solution several.

    Attributes:
        moves: what the policy proposes at each path, in this order; drawn cyclically where more is asked for.
        values: what the value model says of each path; `otherwise` elsewhere.
        feedback: what it says of a path in words.
        ends: paths at which the task ends, and the reward paid there; None leaves it open. The answer is the last word.
        checked: what visible checks say of paths that end nothing; such a path can be given as an answer.
        says: what the policy answers to prompts whose system text holds a key, looked up before `moves`: by the path at
            the end of the prompt, or by a function of the prompt.
        listed: the domain lists the moves; the policy then ranks them, by `priors`, equal ones where there is none.
        notes: what the observation notes of a path.
        turns: the k-th time that the same prompt path is asked about, its moves are given from the k-th one on.
        checks: the instruction that asks a model for checks of its own.
        tests: the words that are such checks.
    """

    moves: Mapping[str, Sequence[str]]
    values: Mapping[str, float] = field(default_factory=dict)
    feedback: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, float | None] = field(default_factory=dict)
    checked: Mapping[str, float] = field(default_factory=dict)
    says: Mapping[str, Say] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    priors: Mapping[str, Sequence[float]] = field(default_factory=dict)
    otherwise: float = 0.5
    listed: bool = False
    turns: bool = False
    checks: str = ""
    tests: frozenset[str] = frozenset()
    restore: Literal["fork", "replay", "snapshot"] = "fork"
    name: str = "world"

    def reset(self, task: Task) -> At:
        return At()

    def observe(self, state: At) -> Observation:
        return Observation(
            instruction="Go on.",
            task="Find the way.",
            path=f"{state.path} " if state.words else "",
            question="Good?",
            step=Format(("\n",), 4),
            solution=Format((), 16),
            actions=tuple(self.moves.get(state.path, ())) if self.listed else (),
            notes=self.notes.get(state.path, ""),
            checks=self.checks,
        )

    def parse(self, state: At, proposal: str) -> tuple[str, ...]:
        if not proposal.strip():
            raise BadProposal("empty", "expected a word")
        return tuple(proposal.split())

    def step(self, state: At, action: str) -> Step:
        if action == "bad":
            raise BadProposal("illegal", "no such way")
        after = At((*state.words, action))
        ended, checked = after.path in self.ends, self.checked.get(after.path)
        return Step(
            after,
            after.path,
            reward=self.ends[after.path] if ended else 0.0,
            terminated=ended,
            answer=action if ended or checked is not None else None,
            checked=checked,
            measures={"checks": 1} if action in self.tests else {},
        )

    def grade(self, task: Task, answer: str | None) -> Grade:
        return Grade(answer == "right", str(answer))

    def policy(self) -> ScriptedPolicy:
        """A policy that answers by the table."""
        self._asked: Counter[str] = Counter()
        return _Ranked(self) if self.listed else ScriptedPolicy(self._texts)

    def _texts(self, prompt: Prompt) -> Sequence[str]:
        for marker, say in self.says.items():
            if marker in prompt.system:
                return say(prompt) if callable(say) else say[prompt.prefix.strip()]
        moves = self.moves[prompt.prefix.strip()]
        if not self.turns:
            return moves
        seen = self._asked[prompt.prefix]
        self._asked[prompt.prefix] += 1
        return [*moves[seen % len(moves) :], *moves[: seen % len(moves)]]


class _Ranked(ScriptedPolicy):
    """Ranks a world's moves by its priors."""

    def __init__(self, world: World) -> None:
        super().__init__(world._texts)
        self._world = world

    def _rank_one(self, prompt: Prompt, texts: Sequence[str]) -> Any:
        given = self._world.priors.get(prompt.prefix.strip(), [1 / len(texts)] * len(texts))
        return Ranking(tuple(map(math.log, given)), Usage(1, 0, 0, 1), self.model)


class Judge:
    """Scores a world's states by its table, with words where it has some; remembers what it was asked."""

    value_range = (0.0, 1.0)
    max_batch = 64

    def __init__(self, world: World) -> None:
        self._world = world
        self.asked: list[Evidence] = []

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        await asyncio.sleep(0)
        self.asked += evidence
        return [self._score(item) for item in evidence]

    def _score(self, item: Evidence) -> Score:
        path = item.state.rsplit("\n", 1)[-1].strip()
        value = self._world.values.get(path, self._world.otherwise)
        return Score(value, Usage(1, 0, 0, 1), "judge", feedback=self._world.feedback.get(path))


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the policy: the operator that asked, the path of the node that it was asked for, the prompt.

    `trail` is the path with the texts of nodes that do not act.
    """

    role: str
    path: str
    prompt: Mapping[str, Any]
    n: int
    trail: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """What a search did.

    Attributes:
        result: what it came to.
        calls: requests to the policy, in the order in which their leaves were selected.
        scored: paths that the value model scored, in that order.
    """

    result: Result
    calls: tuple[Call, ...]
    scored: tuple[str, ...]

    @property
    def expanded(self) -> list[str]:
        """The paths of the nodes that the policy was asked about, in order: the selections."""
        return [call.path for call in self.calls]

    @property
    def roles(self) -> list[tuple[str, str]]:
        """(operator, path) of each request."""
        return [(call.role, call.path) for call in self.calls]

    @property
    def trails(self) -> list[tuple[str, str]]:
        """(operator, trail) of each request."""
        return [(call.role, call.trail) for call in self.calls]

    def told(self, trail: str, time: int = 0) -> str:
        """What the policy read, the (time + 1)th time that it was asked at a trail."""
        user: str = [call.prompt["user"] for call in self.calls if call.trail == trail][time]
        return user

    def shown(self, path: str, time: int = 0) -> str:
        """What the policy read between instruction and path, the (time + 1)th time that it was asked about a path."""
        user: str = [call.prompt["user"] for call in self.calls if call.path == path][time]
        return user

    def node(self, path: str) -> Any:
        """The node at a path."""
        return next(node for node in self.result.tree.nodes if path_of(self.result, node.id) == path)


def path_of(result: Result, node: int) -> str:
    """The texts of the steps from the root to a node, as the table's key; what does not act is left out."""
    return " ".join(step.text for step in result.tree.path(node)[1:] if step.acts)


def trail_of(result: Result, node: int) -> str:
    """The texts of all nodes from below the root to a node, those that do not act included."""
    return " ".join(step.text for step in result.tree.path(node)[1:])


def trace(
    recipe: Recipe,
    world: World,
    budget: Budget | int,
    run: Path,
    *,
    seed: int = 0,
    judged: bool = True,
    judge: Any = None,
    resumable: bool = True,
) -> Trace:
    """Searches a world, one leaf after the other in rounds, and reads what was done from the journal.

    Args:
        budget: or a number of expansions.
        run: a directory that is not there yet.
        judged: whether there is a value model; `judge` is one of the test's own.
        resumable: whether the run is repeated from its journal and the trees compared.
    """
    limits = Budget(expansions=budget) if isinstance(budget, int) else budget
    value = judge or (Judge(world) if judged else None)
    result = solve(
        Task("way", "Find the way."), domain=world, policy=world.policy(), value=value, recipe=recipe, budget=limits,
        seed=seed, run=run, deterministic=True,
    )  # fmt: skip
    if resumable:
        again = asyncio.run(_again(run, world, value, recipe))
        assert [fields_of(node) for node in again.tree.nodes] == [fields_of(node) for node in result.tree.nodes]
        assert (again.answer, again.stopped) == (result.answer, result.stopped)
    # A trial's number is its place in the order of selection; what goes out at one moment is sent in the tree's order.
    done = [event for event in RunReader(run).events() if event["error"] is None and event["trial"] is not None]
    events = sorted(done, key=lambda event: event["trial"])
    calls = tuple(
        Call(
            event["operator"],
            path_of(result, event["node"]),
            event["request"]["prompt"],
            event["request"]["n"],
            trail_of(result, event["node"]),
        )
        for event in events
        if event["kind"] in ("propose", "rank")
    )
    return Trace(result, calls, tuple(path_of(result, e["node"]) for e in events if e["kind"] == "score"))


async def _again(run: Path, world: World, value: Any, recipe: Recipe) -> Result:
    (result,) = [found async for found in resume(run, domain=world, policy=world.policy(), value=value, recipe=recipe)]
    return result


def fields_of(node: Any) -> tuple[Any, ...]:
    """What must be equal in two runs that were answered alike."""
    return (node.id, node.parent, node.kind, node.text, node.value, node.visits, node.q, node.answer, node.reward)

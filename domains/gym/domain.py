"""Any Gymnasium environment as a domain: a task is an environment and a seed, an action one step of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from ..protocol import BadProposal, DomainError, Format, Grade, Observation, Step, Task
from .environments import Prepared
from .episode import Episode
from .profiles import Profile, solved
from .samples import Sample, Situation
from .specification import Specification

_SO_FAR = "Actions so far:"
_STEP_TOKENS = 24
_GRADED_EPISODES = 100
Moved = tuple[int | None, tuple[object, ...], Episode]  # whose random numbers, the actions since the start
_FRESH = 1_000_000  # samples that grade are numbered from here, apart from those that search saw


class Gym:
    """Any Gymnasium environment with listed or text actions.

    A task's text is an environment's id, its options and a seed: "FrozenLake8x8-v1 is_slippery=False seed=3". The
    answer is the sequence of actions: names by comma, texts a line each.

    The first use of each task probes its environment (see `treewright.domains.gym.restoring.probe`): states are deep
    copies where copies are faithful, else they are had by reset and replay, each checked. One that draws random numbers
    as it goes is stochastic: each state then holds `samples` episodes with random numbers of their own that took the
    same actions, and pays their mean. So what search finds is a plan that does not look at what happens; `grade` plays
    it in 100 episodes with other random numbers.

    Args:
        pay: "success" pays 1 for an end at the goal, else 0; "return" pays the end's return as its place in the
            profile's `returns`, in [0, 1], and so prefers the better of two ways to the goal.
        profiles: what is known of further environments, by the beginning of their ids; goes before the built-in ones.
        restore: "auto" as above; "fork" or "replay" insists.
        loops: whether a path may come back to a state that it has been in. Where the whole state is known and nothing
            is drawn, such steps only lengthen it, and are dropped as "loop".
        samples: episodes a state of a stochastic environment.
        stochastic: says it, where the probe could overlook it.

    Raises:
        DomainError: `pay`, `restore` or `samples` is none of these.
    """

    name = "gym"
    # What the engine keeps is a `Situation`; how its episodes are had again is the domain's own affair.
    restore: Literal["fork", "replay", "snapshot"] = "fork"

    def __init__(
        self,
        pay: Literal["success", "return"] = "success",
        profiles: Mapping[str, Profile] | None = None,
        restore: Literal["auto", "fork", "replay"] = "auto",
        *,
        loops: bool = False,
        samples: int = 8,
        stochastic: bool | None = None,
    ) -> None:
        if pay not in ("success", "return"):
            raise DomainError(f"pay is 'success' or 'return', not {pay!r}")
        if restore not in ("auto", "fork", "replay"):
            raise DomainError(f"restore is 'auto', 'fork' or 'replay', not {restore!r}")
        if samples < 1:
            raise DomainError(f"samples is a number of episodes and at least 1, not {samples}")
        self._pay = pay
        self._profiles = dict(profiles or {})
        self._restore = restore
        self._loops = loops
        self._samples = samples
        self._stochastic = stochastic
        self._lock = threading.Lock()
        self._prepared: dict[Specification, Prepared] = {}

    def prepared(self, specification: Specification) -> Prepared:
        """An environment after its probe, which is made once: whether it copies, whether it is stochastic.

        Raises:
            DomainError: there is no such environment, or it cannot be searched.
        """
        with self._lock:
            found = self._prepared.get(specification)
            if found is None:
                found = Prepared(specification, self._profiles, self._restore, self._stochastic)
                if self._pay == "return" and found.profile.returns is None:
                    raise DomainError(
                        f"pay='return' needs the lowest and highest return of {specification.id}: give profiles="
                        f"{{{specification.id!r}: Profile(returns=(LOW, HIGH))}}"
                    )
                self._prepared[specification] = found
        return found

    def reset(self, task: Task) -> Situation:
        """The start.

        Raises:
            DomainError: the text names no environment that can be searched.
        """
        specification = Specification.read(task.text)
        prepared = self.prepared(specification)
        numbers = range(self._samples) if prepared.stochastic else [None]
        starts: list[Moved] = [(number, (), prepared.start(number)) for number in numbers]
        return self._situation(prepared, (), starts)

    def observe(self, state: Situation) -> Observation:
        """The screen, the actions so far, and every action that may follow."""
        listed = f"\nPossible actions: {', '.join(state.legal)}" if state.legal else ""
        return Observation(
            instruction="Choose the next action, to reach the goal in few steps. Say the action alone, on one line.",
            task=state.specification.text,
            path="".join(f"{action}\n" for action in state.actions),
            notes=f"You see:\n{state.screen}{listed}\n{_SO_FAR}",
            question="Can the goal still be reached from here?",
            step=Format(("\n",), _STEP_TOKENS),
            solution=Format(("\n\n",), _STEP_TOKENS * 16),
            actions=state.legal,
        )

    def state_of(self, task: str, path: str) -> Situation:
        """The state that an observation showed, from its task and from its notes and path as a value model reads them.

        Raises:
            DomainError: they are none of this domain's.
        """
        _, mark, actions = path.rpartition(_SO_FAR)
        if not mark:
            raise DomainError(
                f"rollouts play on from states of the domain 'gym', which end in {_SO_FAR!r}; got {path!r}"
            )
        state = self.reset(Task("", task))
        for action in actions.split("\n"):
            if action:
                state = self.step(state, action).state
        return state

    def parse(self, state: Situation, proposal: str) -> tuple[str, ...]:
        """The actions of a text: a line each; names of actions may also be separated by commas.

        Raises:
            BadProposal: "format" or "ended".
        """
        if state.ended:
            raise BadProposal("ended", "the episode is over")
        separator = self.prepared(state.specification).separator
        parts = proposal.replace(separator.strip() or "\n", "\n").split("\n")
        actions = tuple(part.strip().strip(".'\"`") for part in parts if part.strip())
        if not actions:
            raise BadProposal("format", f"no action in {proposal!r}")
        return actions

    def step(self, state: Situation, action: str) -> Step:
        """One action, in every sample that goes on.

        The environment's own limit on steps is an end like any other: what it pays is known.

        Raises:
            BadProposal: "illegal", "loop" or "ended".
            Diverged: a replay did not lead to the state again.
        """
        if state.ended:
            raise BadProposal("ended", "the episode is over")
        chosen = action if action in state.legal or not state.legal else action.lower()
        if state.legal and chosen not in state.legal:
            raise BadProposal("illegal", f"{action!r} is none of {', '.join(state.legal)}")
        prepared = self.prepared(state.specification)
        taken = prepared.action(chosen)
        moved: list[Moved | Sample] = []
        for sample in state.samples:
            if sample.ended:
                moved.append(sample)
                continue
            episode = prepared.at(sample.point)
            episode.play(taken)
            moved.append((sample.point.sample, (*sample.point.actions, taken), episode))
        after = self._situation(prepared, (*state.actions, chosen), moved, state.visited)
        key = self._key(after)
        if after.ended:
            return self._end(prepared, after, key)
        if not self._loops and not prepared.stochastic and after.samples[0].place in state.visited:
            raise BadProposal("loop", f"{chosen!r} leads back to where the path has been")
        return Step(after, key)

    def grade(self, task: Task, answer: str | None) -> Grade:
        """Plays the answer from the start: once, or in 100 episodes with fresh random numbers.

        A stochastic environment's answer is correct where the episodes' mean return reaches the environment's
        `reward_threshold`; without one the verdict is left open.
        """
        if answer is None:
            return Grade(False, "no answer")
        prepared = self.prepared(Specification.read(task.text))
        actions = [prepared.action(text) for text in answer.split(prepared.separator)]
        if not prepared.stochastic:
            episode = _played(prepared.start(None), actions)
            detail = f"return {episode.total:g} in {episode.steps} steps"
            return Grade(solved(episode, prepared.profile), detail)
        played = [_played(prepared.start(_FRESH + number), actions) for number in range(_GRADED_EPISODES)]
        mean = sum(episode.total for episode in played) / len(played)
        goals = sum(solved(episode, prepared.profile) for episode in played)
        spec = played[0].env.spec
        threshold = None if spec is None else spec.reward_threshold
        detail = f"mean return {mean:g} over {len(played)} fresh episodes, {goals} at the goal"
        return Grade(None if threshold is None else mean >= threshold, detail)

    def playouts(self, state: Situation, count: int, depth: int, seed: int) -> float:
        """The mean worth of `count` random continuations of at most `depth` steps, each legal action equally likely.

        The samples take turns; in a stochastic environment each continuation draws random numbers of its own. A
        continuation that does not end pays 0, or by its return so far where returns are paid.
        """
        prepared = self.prepared(state.specification)
        numbers = np.random.default_rng(seed)
        total = 0.0
        for number in range(count):
            sample = state.samples[number % len(state.samples)]
            if sample.ended:
                total += self._worth(prepared, sample.total, sample.solved)
                continue
            episode = prepared.at(sample.point)
            if prepared.stochastic:
                episode.resample(seed, number)
            for _ in range(depth):
                episode.play(prepared.draw(episode, numbers))
                if episode.ended:
                    break
            total += self._worth(prepared, episode.total, solved(episode, prepared.profile))
            prepared.done(episode)
        return total / count

    def _situation(
        self,
        prepared: Prepared,
        actions: tuple[str, ...],
        moved: Sequence[Moved | Sample],
        visited: frozenset[str] = frozenset(),
    ) -> Situation:
        live = [entry for entry in moved if not isinstance(entry, Sample)]
        shown = next((episode for _, _, episode in live if not episode.ended), live[0][2])
        screen, legal = prepared.screen(shown), prepared.legal(shown)
        samples = tuple(
            entry if isinstance(entry, Sample) else prepared.sample(entry[2], entry[0], entry[1]) for entry in moved
        )
        place = samples[0].place
        seen = visited if place is None else visited | {place}
        return Situation(prepared.specification, actions, samples, screen, legal, seen)

    def _key(self, state: Situation) -> str:
        """Equal for equal places where these are known, else for equal paths; where returns are paid, these too."""
        if any(sample.place is None for sample in state.samples):
            return "/".join(state.actions)
        paid = self._pay == "return"
        return " ".join(f"{s.place}{'.' * s.ended}{s.total if paid else ''}" for s in state.samples)

    def _end(self, prepared: Prepared, state: Situation, key: str) -> Step:
        worth = sum(self._worth(prepared, s.total, s.solved) for s in state.samples) / len(state.samples)
        return Step(state, key, worth, terminated=True, answer=prepared.separator.join(state.actions))

    def _worth(self, prepared: Prepared, total: float, at_goal: bool) -> float:
        if self._pay == "success":
            return float(at_goal)
        assert prepared.profile.returns is not None
        low, high = prepared.profile.returns
        return min(max((total - low) / (high - low), 0.0), 1.0)


def _played(episode: Episode, actions: list[object]) -> Episode:
    for action in actions:
        if episode.ended:
            break
        episode.play(action)
    return episode

"""Game of 24 and Countdown: combine numbers until one of them is the target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from ..protocol import Format, Grade, Observation, Step, Task
from .canonical import number
from .expressions import BadExpression, branches, evaluate, leaves, parse_expression
from .numbers_left import NumbersLeft, ended, play, solution
from .proposals import read_proposal
from .puzzle_text import parse_puzzle
from .rules import COUNTDOWN, GAME24, Move, Rules, legal_moves

_STEP_TOKENS = 40

Example = tuple[str, int, bool]
GAME24_EXAMPLES: tuple[Example, ...] = (
    ("4 6", 24, True),
    ("1 5", 24, False),
    ("12 12", 24, True),
    ("2 13", 24, False),
    ("3 8 1", 24, True),
    ("7 7 7", 24, False),
)
COUNTDOWN_EXAMPLES: tuple[Example, ...] = (
    ("4 6", 10, True),
    ("1 5", 24, False),
    ("3 25", 75, True),
    ("2 13", 30, False),
    ("3 8 50", 24, True),
    ("7 9 10", 95, False),
)


class Arithmetic:
    """A number game: an action is one operation on two of the numbers left, and its result takes their place.

    The domain pays 1.0 for the move that makes the target by the rules, else 0.0; the answer is the canonical
    expression of what was made. Two states are one when the same numbers are left, whatever the moves that led there.

    Args:
        rules: which game.
        instruction: tells a model how to answer, with an example.
        examples: numbers and targets that can and cannot be made, shown to a value model before its question; without
            them a small model's Yes and No are no better than chance.
    """

    restore: Literal["fork", "replay", "snapshot"] = "fork"

    def __init__(self, rules: Rules, instruction: str, examples: Sequence[Example]) -> None:
        self.name = rules.name
        self._rules = rules
        self._instruction = instruction
        self._examples = "".join(
            f"{_can(numbers, target, rules)}\nAnswer: {'Yes' if possible else 'No'}\n"
            for numbers, target, possible in examples
        )

    def reset(self, task: Task) -> NumbersLeft:
        """The numbers of the task, none of them used.

        Raises:
            DomainError: the text is no such puzzle.
        """
        puzzle = parse_puzzle(task.text, self._rules)
        return NumbersLeft(task.text, puzzle.target, tuple(map(number, puzzle.numbers)))

    def observe(self, state: NumbersLeft) -> Observation:
        """The moves so far as lines that end with the numbers left, and every legal move."""
        values = () if ended(state, self._rules) else [made.value for made in state.left]
        return Observation(
            instruction=self._instruction,
            task=state.task,
            path="".join(f"{line}\n" for line in state.path),
            question=f"{self._examples}{_can(state.key, state.target, self._rules)}",
            step=Format(("\n",), _STEP_TOKENS),
            solution=Format(("\n\n", "Use "), _STEP_TOKENS * max(len(state.left) - 1, 1)),
            actions=tuple(move.text for move in legal_moves(values, self._rules)),
            brief=f"Make {state.target}: {state.key}",
        )

    def parse(self, state: NumbersLeft, proposal: str) -> tuple[Move, ...]:
        """The legal moves that a text stands for: one line, several lines, or an expression; see `read_proposal`.

        Raises:
            BadProposal: "format", "illegal", "wrong result" or "ended".
        """
        return read_proposal(state, proposal, self._rules)

    def step(self, state: NumbersLeft, action: Move) -> Step:
        """Puts the move's result in the place of its operands; ends with one number left, or with the target made.

        Raises:
            BadProposal: "illegal", "wrong result" or "ended".
        """
        after = play(state, action, self._rules)
        if not ended(after, self._rules):
            return Step(after, after.key)
        solved = solution(after, self._rules)
        made = after.left[0] if solved is None else solved
        return Step(after, after.key, float(solved is not None), terminated=True, answer=made.text)

    def grade(self, task: Task, answer: str | None) -> Grade:
        """Checks the answer against the task's text alone: its numbers, the rules and the exact value.

        Raises:
            DomainError: the task's text is no such puzzle.
        """
        puzzle = parse_puzzle(task.text, self._rules)
        if answer is None:
            return Grade(False, "no answer")
        try:
            tree = parse_expression(answer)
            results = [evaluate(branch) for branch in branches(tree)]
            value = evaluate(tree)
        except BadExpression as error:
            return Grade(False, str(error))
        used, given = Counter(leaves(tree)), Counter(puzzle.numbers)
        if used - given:
            return Grade(False, f"uses {_listed(used - given)} more often than given")
        if self._rules.use_all and given - used:
            return Grade(False, f"does not use {_listed(given - used)}")
        if self._rules.integers and any(result.denominator != 1 or result <= 0 for result in results):
            return Grade(False, "a result on the way is no positive integer")
        return Grade(value == puzzle.target, f"{answer} = {value}")


class Game24(Arithmetic):
    """Use four numbers (2 to 6 are read) once each, and fractions where they help, to make 24."""

    def __init__(self) -> None:
        super().__init__(
            GAME24,
            "Make 24 and use every number once. Each line puts one result in the place of two of the numbers left.\n"
            "Use 2, 3, 5, 7 and + - * / to make 24.\n"
            "7 * 3 = 21 (left: 2 5 21)\n"
            "5 - 2 = 3 (left: 3 21)\n"
            "21 + 3 = 24 (left: 24)",
            GAME24_EXAMPLES,
        )


class Countdown(Arithmetic):
    """Use any of the numbers at most once each, every result a positive integer, to reach the target."""

    def __init__(self) -> None:
        super().__init__(
            COUNTDOWN,
            "Reach the target with some of the numbers, each at most once, every result a positive whole number. Each "
            "line puts one result in the place of two of the numbers left.\n"
            "Use some of 2, 5, 9, 25 and + - * / to make 32.\n"
            "25 - 9 = 16 (left: 2 5 16)\n"
            "16 * 2 = 32 (left: 5 32)",
            COUNTDOWN_EXAMPLES,
        )


def _can(numbers: str, target: int, rules: Rules) -> str:
    return f"Can {'' if rules.use_all else 'some of '}{numbers} make {target}?"


def _listed(numbers: Counter[int]) -> str:
    return ", ".join(map(str, sorted(numbers.elements())))

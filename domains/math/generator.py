"""Seeded generators of solvable puzzles: the same tasks for a seed on every machine and Python version."""

from __future__ import annotations

import hashlib
from itertools import combinations_with_replacement, count, islice

from ..protocol import DomainError, Task
from .puzzle_text import puzzle_text
from .rules import COUNTDOWN, GAME24
from .solver import solve_exactly

GAME24_SOLVABLE = 1_362
COUNTDOWN_MOST = 10_000
_CARDS = (*range(1, 11), *range(1, 11), 25, 50, 75, 100)
_LOWEST_TARGET, _HIGHEST_TARGET = 10, 100


def game24_tasks(number: int, seed: int = 0) -> list[Task]:
    """Distinct solvable Game of 24 tasks of four numbers from 1 to 13, drawn evenly from all 1,362 that there are.

    A longer list for the same seed starts with the shorter one. Ids are "game24-SEED-INDEX".

    Raises:
        DomainError: more tasks are asked for than there are, or fewer than none.
    """
    _check(number, GAME24_SOLVABLE, "game24")
    puzzles = combinations_with_replacement(range(1, 14), 4)
    shuffled = sorted(puzzles, key=lambda numbers: (_draw("game24", seed, *numbers), numbers))
    solvable = (numbers for numbers in shuffled if solve_exactly(numbers) is not None)
    return [
        Task(f"game24-{seed}-{index}", puzzle_text(numbers, 24, GAME24))
        for index, numbers in enumerate(islice(solvable, number))
    ]


def countdown_tasks(number: int, seed: int = 0, size: int = 4) -> list[Task]:
    """Distinct solvable Countdown tasks.

    The numbers are drawn from the cards of the television game (1 to 10 twice, 25, 50, 75, 100) without putting them
    back, the target evenly from 10 to 100 (the range of Gandhi et al. 2024, Stream of Search), until it can be made and
    is none of the numbers. A longer list for the same seed starts with the shorter one. Ids are "countdown-SEED-INDEX".

    Args:
        number: of tasks, 0 to 10,000.
        seed: another seed gives other tasks.
        size: numbers in a task, 4 to 6.

    Raises:
        DomainError: `number` or `size` is out of range.
    """
    _check(number, COUNTDOWN_MOST, "countdown")
    if not 4 <= size <= 6:
        raise DomainError(f"a countdown task has 4 to 6 numbers, not {size}")
    found: dict[tuple[tuple[int, ...], int], None] = {}
    for draw in count():
        if len(found) == number:
            break
        cards = list(_CARDS)
        picked = [cards.pop(_draw("card", seed, size, draw, i) % len(cards)) for i in range(size)]
        numbers = tuple(sorted(picked))
        spread = _HIGHEST_TARGET - _LOWEST_TARGET + 1
        target = _LOWEST_TARGET + _draw("target", seed, size, draw) % spread
        if target not in numbers and solve_exactly(numbers, target, COUNTDOWN) is not None:
            found[numbers, target] = None
    return [
        Task(f"countdown-{seed}-{index}", puzzle_text(numbers, target, COUNTDOWN))
        for index, (numbers, target) in enumerate(found)
    ]


def _check(number: int, most: int, name: str) -> None:
    if not 0 <= number <= most:
        raise DomainError(f"{number} {name} tasks were asked for; there can be 0 to {most}")


def _draw(*parts: int | str) -> int:
    """An even draw from 64 bits that depends on the parts alone; a remainder of it is biased by less than 2^-56."""
    digest = hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")

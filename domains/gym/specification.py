"""Which environment a task is: `FrozenLake8x8-v1 is_slippery=False seed=3`, read and written."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..protocol import DomainError, Task

_EXAMPLE = "expected a Gymnasium id, then NAME=VALUE options and seed=NUMBER, such as 'FrozenLake8x8-v1 seed=3'"


@dataclass(frozen=True, slots=True)
class Specification:
    """One environment at one start.

    Attributes:
        id: as registered with Gymnasium; "module:id" imports the module first.
        options: what is given to the environment's constructor, in the order written.
        seed: given to `reset`; it fixes the start and all that follows.
    """

    id: str
    options: tuple[tuple[str, Any], ...] = ()
    seed: int = 0

    @classmethod
    def read(cls, text: str) -> Specification:
        """The environment that a task's text names.

        Raises:
            DomainError: the text is none.
        """
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise DomainError(f"{text!r}: {error}; {_EXAMPLE}") from None
        if not words or "=" in words[0]:
            raise DomainError(f"{text!r} names no environment; {_EXAMPLE}")
        options = dict(_option(word, text) for word in words[1:])
        seed = options.pop("seed", 0)
        if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
            raise DomainError(f"seed is {seed!r} in {text!r}; expected a whole number that is not negative")
        return cls(words[0], tuple(options.items()), seed)

    @property
    def text(self) -> str:
        """The task's text."""
        options = [shlex.quote(f"{name}={value}") for name, value in self.options]
        return " ".join([self.id, *options, f"seed={self.seed}"])


def gym_tasks(environment: str, count: int, seed: int = 0) -> Sequence[Task]:
    """`count` starts of one environment, at the seeds from `seed` on.

    Args:
        environment: an id and its options, without a seed.

    Raises:
        DomainError: the text names no environment, or has a seed of its own.
    """
    first = Specification.read(environment)
    if " seed=" in environment:
        raise DomainError(f"{environment!r} has a seed; a suite's seeds are given with --seed")
    starts = [replace(first, seed=seed + number) for number in range(count)]
    return [Task(f"{start.id}-{start.seed}", start.text) for start in starts]


def _option(word: str, text: str) -> tuple[str, Any]:
    name, equals, value = word.partition("=")
    if not equals or not name.isidentifier():
        raise DomainError(f"{word!r} in {text!r} is no option; {_EXAMPLE}")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value

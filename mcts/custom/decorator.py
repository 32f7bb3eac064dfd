"""A selection rule of one's own: a Python function of a child's statistics, compiled to native code."""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..errors import RuleError
from ..rules.base import ScoredRule
from ..rules.view import NodeView
from .complaint import complaint
from .names import NAMES, arguments


@dataclass(frozen=True, slots=True, eq=False)
class CustomRule(ScoredRule):
    """A rule made by `@rule`: pass it to a forest as `rule=`. Called like a function, it is that function.

    Attributes:
        name: the function's.
        names: of its parameters, in their order.
        function: as it was written; the oracle calls it.
        address: of the compiled C function, for as long as this object lives.
    """

    KIND: ClassVar[str] = "custom"

    name: str
    names: tuple[str, ...]
    function: Callable[..., float] = field(repr=False)
    address: int = field(repr=False)
    _score: Callable[..., float] = field(repr=False)
    _kept: Any = field(repr=False)

    def __call__(self, *args: Any, **keywords: Any) -> float:
        """The score of one child, by the function as it was written."""
        return self.function(*args, **keywords)

    def __reduce__(self) -> tuple[Callable[[str, str], Any], tuple[str, str]]:
        """By name, as functions are pickled: an address means nothing in another process."""
        return _imported, (self.function.__module__, self.function.__qualname__)

    def constants(self) -> tuple[float, ...]:
        """None: the function's constants are compiled into it."""
        return ()

    def scores(self, view: NodeView) -> NDArray[np.float32]:
        """Scores of the k eligible children, float32 [k], NaN where the rule gives NaN or raises."""
        with np.errstate(all="ignore"):
            return np.array([self._scored(given) for given in arguments(self.names, view)], np.float32)

    def _scored(self, given: tuple[Any, ...]) -> float:
        try:
            return float(self.function(*given))
        except (ArithmeticError, ValueError):
            # Python's math refuses what C answers with an infinity or NaN: log(0), sqrt(-1), exp(1000).
            pass
        except Exception:
            return math.nan
        try:
            return float(self._score(*given))
        except Exception:
            return math.nan


def rule(function: Callable[..., float]) -> CustomRule:
    """Compiles a function of a child's statistics to a selection rule: the child of the highest score is visited.

        @rule
        def puct(q, prior, visits, in_flight, parent_started):
            return q + 1.25 * prior * math.sqrt(parent_started) / (1 + visits + in_flight)

        Forest(rule=puct)

    The names of the parameters say what the function is given, any of `custom.names.NAMES` in any order: q, visits,
    in_flight, started, prior, reward, raw, mean, best, variance, index and uniform of the child; children,
    parent_visits, parent_in_flight, parent_started, parent_q, parent_raw and depth of the node whose children compete.
    Counts are int64, the others float64.

    It returns a number, which is compared as float32; of equal ones the forest's `ties` decides. Infinities are
    allowed. NaN, or an exception, ends the call of `select_batch` with a RuleError that names the node, before anything
    has changed. Division by zero, `math.log(0)` and the like give infinities or NaN, as in C.

    Numba compiles it (about half a second): numbers, `math`, `if`, loops, tuples, arrays of the enclosing scope.
    Variables of the enclosing scope are constants, as they are at this moment.

    Raises:
        RuleError: it does not compile, returns no number, or a parameter has an unknown name.
    """
    if not inspect.isfunction(function) or inspect.iscoroutinefunction(function):
        raise RuleError(f"@rule was given {function!r}: expected a plain Python function, without another decorator")
    name = function.__name__
    names = _parameters(name, function)
    from . import kernel  # here, not above: it imports Numba

    if not kernel.enabled():
        raise RuleError(f"rule {name!r} cannot be compiled: NUMBA_DISABLE_JIT is set")
    try:
        score, kind = kernel.score_type(function, names)
    except Exception as error:
        raise RuleError(f"rule {name!r} does not compile: {complaint(error, function)}") from error
    if not kernel.is_number(kind):
        raise RuleError(f"rule {name!r} returns {kind}: expected a number, on every path")
    compiled = kernel.picker(score, names)
    return CustomRule(name, names, function, compiled.address, score, compiled.kept)


def _parameters(name: str, function: Callable[..., float]) -> tuple[str, ...]:
    parameters = inspect.signature(function).parameters.values()
    for parameter in parameters:
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            raise RuleError(f"rule {name!r} has the parameter {str(parameter)!r}: expected plain parameters")
        if parameter.name not in NAMES:
            near = get_close_matches(parameter.name, NAMES, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise RuleError(
                f"rule {name!r} has the unknown parameter {parameter.name!r}.{hint} Available: {', '.join(NAMES)}"
            )
    return tuple(parameter.name for parameter in parameters)


def _imported(module: str, qualified_name: str) -> Any:
    found: Any = importlib.import_module(module)
    for name in qualified_name.split("."):
        found = getattr(found, name)
    return found

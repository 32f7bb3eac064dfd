"""Seeded bugs: small changes of a syntax tree, each a mistake that programmers make."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_COMPARED = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
_COMBINED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A source with one bug.

    Attributes:
        kind: what was done, such as "comparison".
        line: where, in the source before.
        source: the source with the bug.
    """

    kind: str
    line: int
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a source, in the order of the syntax tree; each differs from it in one place.

    Comparisons lose or gain equality, + and - and other operators are swapped, `and` becomes `or`, a condition is
    negated, a whole number is one too large, a slice bound is dropped, the first arguments of a call change places,
    the last statement but one of a function is missing. Texts are left alone.
    """
    tree = ast.parse(source)
    before = ast.unparse(tree)
    for position, node in enumerate(ast.walk(tree)):
        for kind, change in _CHANGES:
            if not change(copy.deepcopy(node)):
                continue
            mutated = copy.deepcopy(tree)
            change(list(ast.walk(mutated))[position])
            text = ast.unparse(ast.fix_missing_locations(mutated))
            if text != before:
                yield Mutant(kind, getattr(node, "lineno", 0), f"{text}\n")


def _comparison(node: ast.AST) -> bool:
    if not isinstance(node, ast.Compare) or type(node.ops[0]) not in _COMPARED:
        return False
    node.ops[0] = _COMPARED[type(node.ops[0])]()
    return True


def _operator(node: ast.AST) -> bool:
    if not isinstance(node, ast.BinOp | ast.AugAssign) or type(node.op) not in _COMBINED:
        return False
    node.op = _COMBINED[type(node.op)]()
    return True


def _connective(node: ast.AST) -> bool:
    if not isinstance(node, ast.BoolOp):
        return False
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    return True


def _condition(node: ast.AST) -> bool:
    if not isinstance(node, ast.If | ast.While | ast.IfExp) or isinstance(node.test, ast.Compare | ast.BoolOp):
        return False
    node.test = ast.UnaryOp(ast.Not(), node.test)
    return True


def _constant(node: ast.AST) -> bool:
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool) or not isinstance(node.value, int):
        return False
    node.value += 1
    return True


def _slice(node: ast.AST) -> bool:
    if not isinstance(node, ast.Slice) or (node.lower is None and node.upper is None):
        return False
    node.lower, node.upper = (None, node.upper) if node.lower is not None else (node.lower, None)
    return True


def _arguments(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or len(node.args) < 2 or any(isinstance(a, ast.Starred) for a in node.args):
        return False
    node.args[0], node.args[1] = node.args[1], node.args[0]
    return True


def _statement(node: ast.AST) -> bool:
    if not isinstance(node, ast.FunctionDef) or len(node.body) < 3 or isinstance(node.body[-2], ast.FunctionDef):
        return False
    del node.body[-2]
    return True


_CHANGES: tuple[tuple[str, Callable[[ast.AST], bool]], ...] = (
    ("comparison", _comparison),
    ("operator", _operator),
    ("connective", _connective),
    ("condition", _condition),
    ("constant", _constant),
    ("slice", _slice),
    ("arguments", _arguments),
    ("statement", _statement),
)

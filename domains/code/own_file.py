"""A Python file as a task: its last function with a docstring, and the examples and assertions that the file holds."""

from __future__ import annotations

import ast
import re

from ..protocol import DomainError
from .examples import examples
from .problem import Problem, read_test
from .programs import BYTE_ORDER_MARK, syntax

_LOOKS_LIKE_PYTHON = re.compile(r"^(?:async )?def \w+\(", re.MULTILINE)


def problem_of(text: str, name: str) -> Problem:
    """What a task's text gives by itself.

    A text without a function definition is a description in words: nothing is given. Otherwise it is a Python file; the
    function to write is the last one at its top level whose docstring has examples, else the last one. Examples and the
    file's own `assert` statements are the visible tests. A body that does more than `...`, `pass` or a `raise` is taken
    as a program to mend. What stands before the function is put before every program.

    Raises:
        DomainError: the file does not parse.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    if not _LOOKS_LIKE_PYTHON.search(text):
        return Problem()
    try:
        tree: ast.Module = syntax(text)
    except SyntaxError as error:
        raise DomainError(f"task {name!r} is no Python: {error}; expected a file with the function to write") from None
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if not functions:
        raise DomainError(f"task {name!r} defines no function at its top level")
    with_examples = [node for node in functions if examples(ast.get_docstring(node) or "", node.name)]
    target = (with_examples or functions)[-1]
    tests = [*examples(ast.get_docstring(target) or "", target.name)]
    tests += [ast.unparse(node) for node in tree.body if isinstance(node, ast.Assert)]
    lines = text.splitlines()
    first = min([target.lineno, *(mark.lineno for mark in target.decorator_list)])
    source = "\n".join(lines[first - 1 : target.end_lineno])
    body = target.body[1:] if ast.get_docstring(target) is not None else target.body
    stub = all(_is_stub(node) for node in body)
    head_end = target.body[0].end_lineno if ast.get_docstring(target) is not None else target.body[0].lineno - 1
    return Problem(
        entry_point=target.name,
        visible=tuple(read_test(test, f"visible {n}", f"task {name!r}, test {n}") for n, test in enumerate(tests, 1)),
        header=_without_asserts(tree, target),
        stem="\n".join(lines[first - 1 : head_end]) if stub else "",
        starter="" if stub else source,
    )


def _is_stub(node: ast.stmt) -> bool:
    constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return constant or isinstance(node, ast.Pass | ast.Raise)


def _without_asserts(tree: ast.Module, target: ast.FunctionDef) -> str:
    """The file's other statements that the program may need, in their order."""
    kept = [node for node in tree.body if node is not target and not isinstance(node, ast.Assert)]
    return "\n".join(ast.unparse(node) for node in kept if not _is_main_guard(node))


def _is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)

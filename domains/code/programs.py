"""Programs as text: where a proposal holds one, and the form in which two equal ones look alike."""

from __future__ import annotations

import ast
import re
import textwrap
import threading
import warnings
from collections.abc import Iterator
from typing import Any, Literal

_FENCED = re.compile(r"```[ \t]*(?:[A-Za-z0-9_+.-]*)[ \t]*\r?\n(?P<code>.*?)(?:```|\Z)", re.DOTALL)
BYTE_ORDER_MARK = "\ufeff"
_PEEPING = {"locals", "vars", "eval", "exec", "dir"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def find_code(text: str) -> str:
    """The code in a model's text: what stands before the first fence where that is Python, else the longest block.

    A model that continues an opened block writes only its closing fence.
    """
    text = text.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n")
    head = text.partition("```")[0]
    blocks = [] if _is_code(head) else [found["code"] for found in _FENCED.finditer(text)]
    code = max(blocks, key=len, default=head)
    return textwrap.dedent(code).strip("\n").rstrip()


_WARNINGS = threading.Lock()


def syntax(code: str, mode: Literal["exec", "eval"] = "exec") -> Any:
    """The syntax tree of code that others wrote, without the compiler's warnings about it.

    Raises:
        SyntaxError: the code is no Python, or no compiler could take it: too deep, too large, a null byte.
    """
    # The warnings' filters are the whole process's, so one thread at a time changes them.
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(code, mode=mode)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(f"{type(error).__name__}: {error}") from None


def parse(code: str) -> ast.Module | None:
    """The program's syntax tree, or None where it is no Python."""
    try:
        tree: ast.Module = syntax(code)
    except SyntaxError:
        return None
    return tree


def _is_code(text: str) -> bool:
    """Whether a text is Python and more than a word that happens to parse."""
    tree = parse(textwrap.dedent(text))
    words = ast.Name | ast.Constant | ast.Tuple
    return tree is not None and any(
        not (isinstance(node, ast.Expr) and isinstance(node.value, words)) for node in tree.body
    )


def defines(tree: ast.Module, name: str) -> bool:
    """Whether the module binds a name: by a definition, an import or an assignment, below `if` or `try` too.

    A star import may bind any name.
    """
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound = {node.name}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound = {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound = {node.id}
        else:
            bound = set()
            waiting += () if isinstance(node, ast.Lambda) else ast.iter_child_nodes(node)
        if bound & {name, "*"}:
            return True
    return False


def canonical(code: str) -> str:
    """One text for all spellings of a program: no comments, layout, docstrings or signature's types; locals numbered.

    Local variables and the parameters of inner functions are numbered in their order of appearance; the parameters of
    top-level functions keep their names, since a caller may use them. Names are left alone in a program that could
    look at them (`locals`, `vars`, `eval`, `exec`, `dir`), as are names that stand in a place where an identifier is no
    variable (keywords of calls, imports, handlers, patterns, classes). A text that is no Python, or
    nested too deep, is returned stripped.
    """
    tree = parse(code)
    try:
        return code.strip() if tree is None else _normalised(tree)
    except RecursionError:  # deeper than the interpreter's own tools go
        return code.strip()


def _normalised(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        _strip(node)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if not names & _PEEPING:
        kept = set(_fixed_names(tree))
        _Renamer(kept).visit(tree)
    return ast.unparse(ast.fix_missing_locations(tree))


def _strip(node: ast.AST) -> None:
    """Takes docstrings and annotations away from one node."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            node.body = node.body[1:]
            if not node.body and not isinstance(node, ast.Module):
                node.body = [ast.Pass()]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node.returns = None
    if isinstance(node, ast.arg):
        node.annotation = None


def _fixed_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg is not None:
            yield node.arg
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).split(".")[0]
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name is not None:
            yield node.name
        elif isinstance(node, ast.ClassDef):
            yield node.name
            yield from (part.id for part in ast.walk(node) if isinstance(part, ast.Name))
        elif isinstance(node, ast.MatchMapping) and node.rest is not None:
            yield node.rest
        elif isinstance(node, ast.Global | ast.Nonlocal):
            yield from node.names
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (part.arg for part in _parameters(node))


class _Renamer(ast.NodeTransformer):
    """Numbers the variables of functions; a name means what the innermost function that binds it says."""

    def __init__(self, kept: set[str]) -> None:
        self._kept = kept
        self._scopes: list[dict[str, str]] = []
        self._count = 0

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._meaning(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._scopes[-1].get(node.arg, node.arg) if self._scopes else node.arg
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, _FUNCTIONS):
            return super().generic_visit(node)
        scope: dict[str, str] = {}
        for name in _bound(node):
            if name not in self._kept and name not in scope:
                scope[name] = f"${self._count}"  # no identifier, so it meets no name of the program
                self._count += 1
        outer = [*node.args.defaults, *node.args.kw_defaults, *getattr(node, "decorator_list", ())]
        for part in outer:
            if part is not None:
                self.visit(part)
        self._scopes.append(scope)
        for part in (*_parameters(node), *(node.body if isinstance(node.body, list) else [node.body])):
            self.visit(part)
        self._scopes.pop()
        if not isinstance(node, ast.Lambda):
            node.name = self._meaning(node.name)
        return node

    def _meaning(self, name: str) -> str:
        return next((scope[name] for scope in reversed(self._scopes) if name in scope), name)


def _parameters(node: _Function) -> list[ast.arg]:
    spec = node.args
    rest = [part for part in (spec.vararg, spec.kwarg) if part is not None]
    return [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *rest]


def _bound(function: _Function) -> Iterator[str]:
    """The names that a function binds itself, in their order, those of inner functions and classes left out."""
    yield from (part.arg for part in _parameters(function))
    waiting: list[ast.AST] = list(function.body) if isinstance(function.body, list) else [function.body]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif not isinstance(node, ast.Lambda | ast.ClassDef):
            waiting[:0] = ast.iter_child_nodes(node)

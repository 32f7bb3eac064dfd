"""Examples in a docstring as tests: doctests, and lines such as `f(2) == 4` or `f(2) # => 4`."""

from __future__ import annotations

import ast
import doctest
import re

from .programs import syntax

_SAYS = r"\s*[#,]?\s*(?:==?>|--?>|==?|➞|→|⟹|returns?|should return|should be|gives)\s*:?\s*"


def examples(docstring: str, entry_point: str) -> tuple[str, ...]:
    """The examples of a function's docstring, in their order, each as one assertion.

    Doctests (`>>> f(1)` and the value below it) are read first; where there is none, lines with a call of the function,
    a word or sign such as `==`, `=>`, `->` or `returns`, and a Python literal. A doctest's expectation that is a Python
    expression and no literal is compared with `repr`; one that is neither (an exception) is passed over.
    """
    try:
        found = doctest.DocTestParser().get_examples(docstring)
    except ValueError:
        found = []
    checks = _doctests(found)
    return checks or tuple(_stated(docstring, entry_point))


def _doctests(found: list[doctest.Example]) -> tuple[str, ...]:
    checks, setup = [], ""
    for example in found:
        source, want = example.source.strip(), example.want.strip()
        if not want:
            setup += f"{source}\n"
            continue
        try:
            syntax(source, "eval")
            if _is_literal(want):
                checks.append(f"{setup}assert {_joined(source)} == {_joined(want)}")
                continue
            syntax(want, "eval")
            checks.append(f"{setup}assert repr({_joined(source)}) == {want!r}")
        except SyntaxError:
            continue
    return tuple(checks)


def _joined(source: str) -> str:
    """An expression on one line, in its own spelling where it is on one line."""
    return source if "\n" not in source else ast.unparse(syntax(source, "eval"))


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(syntax(text.strip(), "eval"))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return True


def _stated(docstring: str, entry_point: str) -> list[str]:
    checks = []
    for line in docstring.splitlines():
        for start in (found.start() for found in re.finditer(rf"(?<![\w.]){re.escape(entry_point)}\(", line)):
            end = _call_end(line, start + len(entry_point))
            if end is None:
                continue
            call = line[start:end]
            said = re.match(_SAYS, line[end:])
            value = None if said is None else _leading_literal(line[end + said.end() :])
            if value is not None and _has_literal_arguments(call):
                checks.append(f"assert {call} == {value}")
    return list(dict.fromkeys(checks))


def _call_end(line: str, opening: int) -> int | None:
    """Where the call that opens at `opening` ends, one past its bracket; brackets in strings do not count."""
    depth, quote = 0, ""
    for position in range(opening, len(line)):
        sign = line[position]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth == 0:
                return position + 1
    return None


def _leading_literal(text: str) -> str | None:
    """The longest literal that a text begins with, such as "[1, 2]" in "[1, 2]. Or so"."""
    text = text.strip()
    for end in range(len(text), 0, -1):
        piece = text[:end].rstrip()
        if _is_literal(piece) and not re.match(r"\w|\s*[-+*/%=<>]", text[end:]):
            return piece
    return None


def _has_literal_arguments(call: str) -> bool:
    try:
        tree = syntax(call, "eval").body
    except SyntaxError:
        return False
    return isinstance(tree, ast.Call) and all(
        _is_literal(ast.unparse(part)) for part in (*tree.args, *(keyword.value for keyword in tree.keywords))
    )

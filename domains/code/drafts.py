"""States and actions of function tasks: a program, lines of one, or checks of the model's own."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from ..protocol import BadProposal
from .findings import Findings
from .problem import Problem
from .programs import defines, find_code, parse
from .sandbox.protocol import Assertion

Granularity = Literal["program", "block", "line"]
MAX_CODE = 40_000
MAX_OWN_TESTS = 8


@dataclass(frozen=True, slots=True)
class Draft:
    """A state.

    Attributes:
        text: the task's text.
        own: the tests that the model wrote itself.
        steps: lines or blocks of a program that is not finished.
        program: the last whole program, or the one to mend.
        findings: what running it found; None where nothing ran.
    """

    text: str
    problem: Problem
    own: tuple[Assertion, ...] = ()
    steps: tuple[str, ...] = ()
    program: str | None = None
    findings: Findings | None = None

    def unfinished(self, separator: str) -> str:
        """The code so far, with a line end behind it where there is any."""
        return "".join(f"{part}{separator}" for part in (self.problem.stem, *self.steps) if part)


@dataclass(frozen=True, slots=True)
class Whole:
    """Action: a whole program."""

    code: str


@dataclass(frozen=True, slots=True)
class Part:
    """Action: the next line or block; `ends` says that the program is finished with it."""

    code: str
    ends: bool


@dataclass(frozen=True, slots=True)
class OwnTests:
    """Action: tests to run beside the given ones."""

    tests: tuple[str, ...]


Action = Whole | Part | OwnTests


def read_whole(draft: Draft, proposal: str) -> Whole | OwnTests:
    """A proposal as a whole program, or as tests where it is nothing but assertions.

    A text that does not define the function, and does so with the function's head before it, is taken as its body.

    Raises:
        BadProposal: "empty", or "format" where it is longer than 40,000 characters.
    """
    code = find_code(proposal)
    if not code:
        raise BadProposal("empty", f"no code in {proposal[:60]!r}; expected a program")
    if len(code) > MAX_CODE:
        raise BadProposal("format", f"a program of {len(code)} characters; at most {MAX_CODE} are run")
    tests = _assertions(code)
    if tests:
        return OwnTests(tests[:MAX_OWN_TESTS])
    entry, stem = draft.problem.entry_point, draft.problem.stem
    tree = parse(code)
    if stem and entry is not None and (tree is None or not defines(tree, entry)):
        with_head = f"{stem}\n{_as_body(proposal)}"
        tree = parse(with_head)
        if tree is not None and defines(tree, entry):
            return Whole(with_head)
    return Whole(code)


def read_parts(draft: Draft, proposal: str, granularity: Granularity) -> tuple[Action, ...]:
    """A proposal as the next line or block, or as all of them; a fence or the function's last return ends the program.

    A text of several lines (or blocks) is a whole program.

    Raises:
        BadProposal: "empty".
    """
    if "```" in proposal and not proposal.strip("`\n "):
        return (Part("", True),)
    if _assertions(find_code(proposal)):
        return (read_whole(draft, proposal),)
    body, fence, _ = proposal.replace("\r\n", "\n").partition("```")
    separator = "\n\n" if granularity == "block" else "\n"
    parts = [part.strip("\n").rstrip() for part in body.split(separator) if part.strip()]
    if not parts:
        raise BadProposal("empty", "an empty proposal; expected code")
    several = len(parts) > 1
    return tuple(
        Part(part, ends=position == len(parts) - 1 and (bool(fence) or several)) for position, part in enumerate(parts)
    )


def is_finished(code: str, entry_point: str | None) -> bool:
    """Whether a program can only be complete: its last statement is the wanted function, which ends with a return."""
    tree = parse(code)
    last = tree.body[-1] if tree is not None and tree.body else None
    return (
        isinstance(last, ast.FunctionDef | ast.AsyncFunctionDef)
        and last.name == entry_point
        and isinstance(last.body[-1], ast.Return)
    )


def _assertions(code: str) -> tuple[str, ...]:
    """The assertions of a text that holds nothing else (comments aside), each once; else none."""
    tree = parse(code)
    if tree is None or not tree.body or not all(isinstance(node, ast.Assert) for node in tree.body):
        return ()
    return tuple(dict.fromkeys(ast.unparse(node) for node in tree.body))


def _as_body(proposal: str) -> str:
    """A text as lines under a function's head, indented where they are not."""
    body = proposal.replace("\r\n", "\n").split("```")[0].strip("\n").rstrip()
    if body.startswith((" ", "\t")):
        return body
    return "\n".join(f"    {line}" if line else line for line in body.split("\n"))

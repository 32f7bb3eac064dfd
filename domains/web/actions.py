"""What an agent may do, and the grammar it writes it in: BrowserGym's calls, one a line."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, TypeAlias

from ..protocol import BadProposal

Kind = Literal["page", "thought", "end"]
Argument: TypeAlias = str | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """One action of the grammar.

    Attributes:
        kind: done to the "page"; a "thought" of the agent's own; or the "end" of a path.
        parameters: their names; those that hold a bid are called bid, from_bid or to_bid.
        needed: how many of them must be given.
        about: one line for the model.
    """

    kind: Kind
    parameters: tuple[str, ...]
    needed: int
    about: str


SIGNATURES: dict[str, Signature] = {
    "click": Signature("page", ("bid",), 1, "click('12')"),
    "dblclick": Signature("page", ("bid",), 1, "dblclick('12')"),
    "fill": Signature("page", ("bid", "text"), 2, "fill('12', 'text'): replaces what is in the field"),
    "clear": Signature("page", ("bid",), 1, "clear('12')"),
    "select_option": Signature("page", ("bid", "options"), 2, "select_option('12', 'label'), or a list of labels"),
    "hover": Signature("page", ("bid",), 1, "hover('12')"),
    "focus": Signature("page", ("bid",), 1, "focus('12')"),
    "press": Signature("page", ("bid", "key"), 2, "press('12', 'Enter'), or 'Control+a' and the like"),
    "drag_and_drop": Signature("page", ("from_bid", "to_bid"), 2, "drag_and_drop('12', '15')"),
    "scroll": Signature("page", ("dx", "dy"), 2, "scroll(0, 600): pixels right and down"),
    "noop": Signature("page", (), 0, "noop(): waits a second"),
    "go_back": Signature("page", (), 0, "go_back()"),
    "go_forward": Signature("page", (), 0, "go_forward()"),
    "goto": Signature("page", ("url",), 1, "goto('https://...')"),
    "new_tab": Signature("page", (), 0, "new_tab()"),
    "tab_focus": Signature("page", ("index",), 1, "tab_focus(1)"),
    "tab_close": Signature("page", (), 0, "tab_close()"),
    "note": Signature("thought", ("text",), 1, "note('what to remember')"),
    "branch": Signature("thought", ("plan",), 1, "branch('the plan from here on')"),
    "prune": Signature("end", ("why",), 1, "prune('why this way leads nowhere'): gives it up"),
    "stop": Signature("end", ("answer",), 0, "stop('the answer'), or stop() where none is asked for"),
}
_ALIASES = {"send_msg_to_user": "stop", "report_infeasible": "stop", "tab_switch": "tab_focus", "wait": "noop"}
_NUMBERS = ("dx", "dy", "index")
_MAX_CHARACTERS = 4_000

GRAMMAR = "\n".join(signature.about for signature in SIGNATURES.values())


@dataclass(frozen=True, slots=True)
class WebAction:
    """One parsed action: a name of `SIGNATURES` and its arguments, in order, bids as text."""

    name: str
    arguments: tuple[Argument, ...] = ()

    @property
    def kind(self) -> Kind:
        """Whether it is done to the page, a thought, or the end of a path."""
        return SIGNATURES[self.name].kind

    @property
    def bids(self) -> tuple[str, ...]:
        """The elements that it names."""
        parameters = SIGNATURES[self.name].parameters
        return tuple(
            str(value) for name, value in zip(parameters, self.arguments, strict=False) if name.endswith("bid")
        )

    @property
    def text(self) -> str:
        """The action in its one canonical form, which `read_action` reads back."""
        written = (repr(list(value)) if isinstance(value, tuple) else repr(value) for value in self.arguments)
        return f"{self.name}({', '.join(written)})"


def read_actions(text: str) -> tuple[WebAction, ...]:
    """All actions of a text, a line each; empty lines, comments and a code fence around them are skipped.

    Raises:
        BadProposal: "format" where a line is no action, or there is none.
    """
    if len(text) > _MAX_CHARACTERS:
        raise BadProposal("format", f"a proposal of {len(text)} characters; at most {_MAX_CHARACTERS} are read")
    lines = [line.strip() for line in text.strip().splitlines()]
    found = tuple(read_action(line) for line in lines if line and not line.startswith(("#", "```")))
    if not found:
        raise BadProposal("format", f"{text[:60]!r} holds no action; expected one such as click('12')")
    return found


def read_action(line: str) -> WebAction:
    """The action in one line; a comment may follow it.

    Raises:
        BadProposal: "format" where it is no call of literals, "unknown" where there is no such action, "arguments"
            where it takes others.
    """
    try:
        call = ast.parse(line.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadProposal("format", f"{line[:80]!r} is no action; expected one such as click('12')") from None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.keywords:
        raise BadProposal("format", f"{line[:80]!r} is no action; expected NAME(ARGUMENTS), such as fill('12', 'text')")
    name = _ALIASES.get(call.func.id, call.func.id)
    if name not in SIGNATURES:
        near = get_close_matches(name, SIGNATURES, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise BadProposal("unknown", f"there is no action {name!r}.{hint} Actions: {', '.join(SIGNATURES)}")
    try:
        values = [ast.literal_eval(argument) for argument in call.args]
    except (ValueError, RecursionError, MemoryError):
        raise BadProposal("arguments", f"{line[:80]!r}: arguments are literals, such as '12' or 600") from None
    return WebAction(name, _checked(name, values))


def _checked(name: str, values: Sequence[Any]) -> tuple[Argument, ...]:
    signature = SIGNATURES[name]
    if not signature.needed <= len(values) <= len(signature.parameters):
        raise BadProposal("arguments", f"{name} takes ({', '.join(signature.parameters)}), not {len(values)} of them")
    checked: list[Argument] = []
    for parameter, value in zip(signature.parameters, values, strict=False):
        if parameter in _NUMBERS:
            if not isinstance(value, int | float) or isinstance(value, bool):
                raise BadProposal("arguments", f"{name}: {parameter} is a number, not {value!r}")
            checked.append(value)
        elif parameter == "options":
            options: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
            if not options or not all(isinstance(option, str) for option in options):
                raise BadProposal("arguments", f"{name}: options are one label or a list of them, not {value!r}")
            checked.append(options[0] if len(options) == 1 else tuple(options))
        elif isinstance(value, str) or (parameter.endswith("bid") and isinstance(value, int)):
            checked.append(str(value))
        else:
            raise BadProposal("arguments", f"{name}: {parameter} is a text in quotes, not {value!r}")
    return tuple(checked)

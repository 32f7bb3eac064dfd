"""What a model may do in a repository, read from what it writes."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Literal

from ...protocol import BadProposal
from .git import is_safe

Kind = Literal["list", "search", "view", "edit", "diff", "test", "run", "python", "finish"]

INSTRUCTION = """You repair a repository. Answer with one action and nothing else. The actions:
list [FOLDER]
search REGULAR_EXPRESSION
view FILE [FIRST-LAST]
test [NAME ...]
run COMMAND
finish
edit FILE
<<<<<<< SEARCH
the lines as they are
=======
the lines as they should be
>>>>>>> REPLACE
or a unified diff in a ```diff block, or code to run in a ```python block."""

_FENCE = re.compile(r"^```(?P<language>diff|patch|python|py)[ \t]*\n(?P<body>.*?)(?:^```|\Z)", re.DOTALL | re.MULTILINE)
_WORDS = {"list", "search", "view", "edit", "test", "run", "finish"}
_LABEL = re.compile(r"^\s*(?:ACTION|Action)\b:?\s*")
_REPLACEMENT = re.compile(
    r"^<{5,9} SEARCH[ \t]*\n(?P<old>.*?)^={5,9}[ \t]*\n(?P<new>.*?)^>{5,9} REPLACE", re.DOTALL | re.MULTILINE
)
_VIEW = re.compile(r"(?P<path>.+?)(?:[ :]+(?P<first>\d+)(?:\s*-\s*(?P<last>\d+))?)?")
_NAME = re.compile(r"(?:\S*[^\s.,:!?])?")  # one word that ends no sentence, or none
_MAX_CHARACTERS = 40_000


@dataclass(frozen=True, slots=True)
class Replacement:
    """One place of a file to change: `old` must stand in it exactly once; an empty `old` is a new file."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Action:
    """One action.

    Attributes:
        kind: what to do.
        path: the file or folder of list, view and edit.
        text: the pattern, the diff or the code.
        words: the tests to run, or the command.
        lines: first and last line to view.
        replacements: of an edit; none where its text has none.
    """

    kind: Kind
    path: str = ""
    text: str = ""
    words: tuple[str, ...] = ()
    lines: tuple[int, int] | None = None
    replacements: tuple[Replacement, ...] = ()

    @property
    def title(self) -> str:
        """The action in one line, for transcripts."""
        detail = self.path or " ".join(self.words) or (self.text if self.kind == "search" else "")
        span = "" if self.lines is None else f" {self.lines[0]}-{self.lines[1]}"
        return f"{self.kind} {detail}".strip() + span


def read_action(text: str) -> Action:
    """The first action in a model's text; words before it, a fence around it and a leading "ACTION" are passed over.

    Raises:
        BadProposal: "format" where there is none, "path" where it leads out of the repository.
    """
    if len(text) > _MAX_CHARACTERS:
        raise BadProposal("format", f"an action of {len(text)} characters; at most {_MAX_CHARACTERS} are read")
    text = _from_its_action(text.replace("\r\n", "\n").strip())
    if fenced := _FENCE.match(text):
        if fenced["language"] in ("diff", "patch"):
            return Action("diff", text=fenced["body"])
        return Action("python", text=fenced["body"])
    first, _, rest = text.partition("\n")
    word, _, detail = first.strip().partition(" ")
    detail = detail.strip()
    if word == "edit":
        found = (Replacement(part["old"], part["new"]) for part in _REPLACEMENT.finditer(rest))
        return Action("edit", path=_safe(detail), replacements=tuple(found))
    if word == "view":
        return _view(detail)
    if word == "list":
        return Action("list", path="" if detail in ("", ".", "./") else _safe(detail))
    if word == "search" and detail:
        return Action("search", text=detail)
    if word == "test":
        return Action("test", words=_words(detail, needed=False))
    if word == "run":
        return Action("run", words=_words(detail, needed=True))
    if word == "finish":
        return Action("finish")
    raise BadProposal("format", f"{first[:60]!r} is no action; expected list, search, view, edit, test, run or finish")


def _from_its_action(text: str) -> str:
    """A text from its first line on that reads as an action; the whole text where none does.

    A line like "Edit core.py" counts where no other does: it is as often the beginning of a sentence, or a heading.
    """
    capital = ""
    rest = text
    while rest:
        line, _, below = rest.partition("\n")
        bare = _LABEL.sub("", line, count=1).strip()
        word, _, detail = bare.partition(" ")
        sentence = rest is not text and " " in bare and bare.endswith((".", ",", ":", "!", "?"))
        if _FENCE.match(rest) or (word in _WORDS and not sentence):
            return f"{bare}\n{below}"
        if not capital and word.istitle() and word.lower() in _WORDS and _NAME.fullmatch(detail.strip()):
            capital = f"{word.lower()} {detail}\n{below}"
        rest = below
    return capital or text


def _view(detail: str) -> Action:
    found = _VIEW.fullmatch(detail)
    if found is None:
        raise BadProposal("format", f"view {detail[:60]!r}; expected view FILE or view FILE FIRST-LAST")
    first = int(found["first"]) if found["first"] else None
    lines = None if first is None else (first, int(found["last"] or first))
    return Action("view", path=_safe(found["path"]), lines=lines)


def _words(detail: str, *, needed: bool) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(detail))
    except ValueError as error:
        raise BadProposal("format", f"{detail[:60]!r} is no command: {error}") from None
    if needed and not words:
        raise BadProposal("format", "run needs a command")
    return words


def _safe(path: str) -> str:
    path = path.strip("`'\"").removeprefix("./").rstrip("/")
    if not is_safe(path):
        raise BadProposal("path", f"{path[:80]!r} is no path inside the repository")
    return path

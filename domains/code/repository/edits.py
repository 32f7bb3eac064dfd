"""Edits of a repository: checked before they are made, with a reason that helps to write a better one."""

from __future__ import annotations

import ast
from difflib import get_close_matches

from ...protocol import BadProposal
from ..programs import syntax
from .actions import Action
from .git import GitError, Store, is_safe
from .missing import no_file

_MAX_BYTES = 2_000_000
# Likeness of lines is slow to tell.
_LOOKED_AT = 3_000
_SHOWN_LINES = 12
_SHOWN_FIRST = 60
_HOW = (
    "nothing says which lines to replace: below the edit write <<<<<<< SEARCH, the lines as they are, =======, "
    "the lines as they should be, >>>>>>> REPLACE"
)


def edited(store: Store, commit: str, action: Action) -> str:
    """The commit after an "edit" or a "diff" action.

    Raises:
        BadProposal: "no lines" (nothing says what to replace), "no file", "no match" (the lines to replace stand
            nowhere, or at several places), "patch" (the diff does not apply), "syntax" (a Python file would no longer
            parse), "unchanged".
    """
    if action.kind == "diff":
        after = _applied(store, commit, action.text)
    else:
        after = store.changed(commit, {action.path: _replaced(store, commit, action).encode()})
    if store.tree(after) == store.tree(commit):
        raise BadProposal("unchanged", f"{action.title} changes nothing")
    before, now = store.files(commit), store.files(after)
    for path, content in now.items():
        if path.endswith(".py") and before.get(path) != content:
            _check_syntax(path, content, before.get(path))
    return after


def _replaced(store: Store, commit: str, action: Action) -> str:
    files = store.files(commit)
    known = action.path in files
    creates = [part for part in action.replacements if not part.old.strip()]
    if not known and (not creates or len(creates) != len(action.replacements)):
        raise BadProposal("no file", no_file(action.path, files))
    if not action.replacements:
        raise BadProposal("no lines", f"{_HOW}\n{_beginning(action.path, files[action.path])}")
    if known and creates:
        raise BadProposal("no match", f"{action.path} is there already; give the lines to replace")
    text = files[action.path].decode(errors="replace") if known else ""
    for part in action.replacements:
        count = text.count(part.old) if part.old.strip() else 1
        if count != 1:
            what = "stand nowhere" if count == 0 else f"stand at {count} places"
            near = _nearest(text, part.old) if count == 0 else ""
            raise BadProposal("no match", f"the lines to replace {what} in {action.path}: {part.old[:120]!r}{near}")
        text = text.replace(part.old, part.new) if part.old.strip() else part.new
    if len(text) > _MAX_BYTES:
        raise BadProposal("format", f"{action.path} would have {len(text)} characters; at most {_MAX_BYTES}")
    return text


def _beginning(path: str, content: bytes) -> str:
    lines = content.decode(errors="replace").splitlines()
    part = f"The first {_SHOWN_FIRST} of {len(lines)} lines of" if len(lines) > _SHOWN_FIRST else "The lines of"
    return "\n".join([f"{part} {path}:", *lines[:_SHOWN_FIRST]])


def _nearest(text: str, old: str) -> str:
    """The lines of a text that begin like the ones looked for, for a better try; nothing where none does."""
    lines, wanted = text.split("\n"), old.strip("\n").split("\n")
    found = get_close_matches(wanted[0], lines[:_LOOKED_AT], n=1)
    if not found:
        return ""
    first = lines.index(found[0])
    shown = "\n".join(lines[first : first + min(len(wanted), _SHOWN_LINES)])
    return f"; nearest, from line {first + 1}:\n{shown}"


def _applied(store: Store, commit: str, diff: str) -> str:
    strip = 0
    for line in diff.splitlines():
        if line.startswith(("+++ ", "--- ", "rename to ", "copy to ")):
            path = line.split("\t")[0].split(" ", 2 if line[0] in "rc" else 1)[-1].strip()
            inside = path.removeprefix("a/").removeprefix("b/")
            if line.startswith(("--- a/", "+++ b/", "rename ", "copy ")):
                strip = 1
            if path != "/dev/null" and not is_safe(inside):
                raise BadProposal("path", f"{path[:80]!r} is no path inside the repository")
    try:
        return store.applied(commit, diff, strip)
    except GitError as error:
        raise BadProposal("patch", f"the diff does not apply: {error}") from None


def _check_syntax(path: str, content: bytes, before: bytes | None) -> None:
    """A file that did not parse before may go on so: mending it can take several edits."""
    if before is not None and not _parses(before):
        return
    try:
        syntax(content.decode(errors="replace"))
    except SyntaxError as error:
        line = (error.text or "").strip()
        where = f"line {error.lineno}: {error.msg}" + (f": {line[:120]}" if line else "")
        raise BadProposal("syntax", f"{path} would no longer parse, {where}") from None


def _parses(content: bytes) -> bool:
    try:
        tree: ast.AST = syntax(content.decode(errors="replace"))
    except SyntaxError:
        return False
    return isinstance(tree, ast.Module)

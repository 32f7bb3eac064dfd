"""Actions that change no file: list, search, view, test, run, python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ...protocol import BadProposal
from ..sandbox.protocol import Outcome, Program, Sandbox
from .actions import Action
from .git import GitError
from .missing import no_file
from .problem import RepositoryProblem
from .testing import limits, run_tests

_SHOWN_FILES = 200
_SHOWN_LINES = 120
_SHOWN_MATCHES = 50

Search = Callable[[str, int], list[str]]

# Earlier blocks are run again with their output dropped, so that each block finds the names of those before it.
_REPLAY = """
import contextlib, io, sys
sys.path.insert(0, "")
_names = {{"__name__": "__main__"}}
for _block in {earlier!r}:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            exec(compile(_block, "earlier", "exec"), _names)
        except BaseException:
            pass
exec(compile({block!r}, "block", "exec"), _names)
"""


def look(
    sandbox: Sandbox,
    problem: RepositoryProblem,
    files: Mapping[str, bytes],
    action: Action,
    search: Search,
) -> str:
    """What an action shows of a repository.

    Args:
        search: finds the first lines that match a regular expression.

    Raises:
        BadProposal: "command": the command is not on the task's list.
        SandboxError: the sandbox failed.
    """
    if action.kind == "list":
        return _listed(files, action.path)
    if action.kind == "view":
        return _viewed(files, action)
    if action.kind == "search":
        try:
            return "\n".join(search(action.text, _SHOWN_MATCHES)) or "no match"
        except GitError as error:
            return f"not done: {error}"
    if action.kind == "test":
        return _tested(sandbox, problem, files, action.words or problem.visible)
    if action.words[0] not in problem.commands:
        raise BadProposal("command", f"{action.words[0]!r} may not be run; these may: {', '.join(problem.commands)}")
    return _ended(sandbox.run(Program(argv=action.words, files=files), limits(problem)))


def run_block(
    sandbox: Sandbox, problem: RepositoryProblem, files: Mapping[str, bytes], block: str, earlier: Sequence[str]
) -> tuple[str, bool]:
    """What a block of Python shows, and whether later blocks may go on from it: not where a limit or a crash ended it.

    Args:
        block: the code.
        earlier: the blocks that were run before, from which it goes on.

    Raises:
        SandboxError: the sandbox failed.
    """
    source = _REPLAY.format(earlier=list(earlier), block=block)
    outcome = sandbox.run(Program(source, files=files), limits(problem))
    kept = outcome.ending == "exited"
    return _ended(outcome) + ("" if kept else "\nLater blocks do not find its names."), kept


def _listed(files: Mapping[str, bytes], folder: str) -> str:
    prefix = f"{folder}/" if folder else ""
    found = sorted(path for path in files if path.startswith(prefix))
    if not found:
        return f"not done: there is no folder {folder}"
    more = f"\n({len(found) - _SHOWN_FILES} more)" if len(found) > _SHOWN_FILES else ""
    return "\n".join(found[:_SHOWN_FILES]) + more


def _viewed(files: Mapping[str, bytes], action: Action) -> str:
    if action.path not in files:
        return f"not done: {no_file(action.path, files)}"
    lines = files[action.path].decode(errors="replace").splitlines()
    first, last = action.lines or (1, len(lines))
    last = min(last, first + _SHOWN_LINES - 1, len(lines))
    shown = [f"{number:5} {line}" for number, line in enumerate(lines[first - 1 : last], max(first, 1))]
    more = f"\n({len(lines)} lines in all)" if last < len(lines) or first > 1 else ""
    return "\n".join(shown) + more if shown else f"not done: {action.path} has {len(lines)} lines"


def _tested(sandbox: Sandbox, problem: RepositoryProblem, files: Mapping[str, bytes], tests: Sequence[str]) -> str:
    if not tests:
        return "not done: the task shows no tests; name some"
    results = run_tests(sandbox, problem, files, tests)
    lines = [f"{sum(result.passed for result in results.values())} of {len(results)} pass"]
    for test, result in results.items():
        if not result.passed:
            lines.append(f"{test} {result.status}:\n{result.message.strip()[-800:]}")
    return "\n".join(lines)


def _ended(outcome: Outcome) -> str:
    how = "" if outcome.ok else f"\n({outcome.ending}{'' if outcome.code is None else f' {outcome.code}'})"
    return (outcome.stdout + outcome.stderr).strip() + how or "(no output)"

"""Suites: named lists of tasks, each with the domain that grades them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..domains.code import HiddenTests, check_references, human_eval_file, read_tasks, write_quix_bugs, write_repairs
from ..domains.code.sandbox import open_sandbox
from ..domains.math import countdown_tasks, game24_tasks, read_game24_table, read_gsm8k
from ..domains.protocol import Domain, Task
from ..domains.web import miniwob_tasks
from ..search.errors import MissingPart, UnknownName
from ..value_models.small_model import cache_dir
from .hub import download


@dataclass(frozen=True, slots=True)
class Suite:
    """A named list of tasks.

    Attributes:
        domain: a registered name, or an object.
        left_out: why tasks of its file are not among them, a line each.
    """

    name: str
    domain: str | Domain
    tasks: tuple[Task, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a suite's tasks come from: a generator (count, seed), or a reader of a file.

    Attributes:
        read: the tasks of a file, and why others of it were left out.
        default: finds the file where none is given; without it one must be.
    """

    domain: str
    about: str
    generate: Callable[[int, int], Sequence[Task]] | None = None
    read: Callable[[Path], tuple[Sequence[Task], Sequence[str]]] | None = None
    default: Callable[[], Path] | None = None


def _whole(read: Callable[[Path], Sequence[Task]]) -> Callable[[Path], tuple[Sequence[Task], Sequence[str]]]:
    """A reader that takes a file as a whole or not at all."""
    return lambda path: (read(path), ())


def _read_code(path: Path) -> tuple[Sequence[Task], Sequence[str]]:
    loaded = read_tasks(path)
    return loaded.tasks, loaded.left_out


def _read_quix_bugs(clone: Path) -> tuple[Sequence[Task], Sequence[str]]:
    return _read_code(write_quix_bugs(clone, cache_dir() / "quixbugs"))


def _repairs(count: int, seed: int) -> Sequence[Task]:
    """Repair tasks, written once into the cache."""
    folder = cache_dir() / "repairs" / f"{seed}-{count}"
    if not (folder / "repairs.jsonl").exists():
        with open_sandbox(workers=1) as sandbox:
            write_repairs(folder, count, seed, sandbox)
    return read_tasks(folder / "repairs.jsonl").tasks


def _code(about: str, default: Callable[[], Path] | None = None) -> _Source:
    return _Source("code", about, read=_read_code, default=default)


_SOURCES = {
    "code": _code("function tasks in the form of docs/code.md (JSONL)"),
    "countdown": _Source("countdown", "generated: reach a target with some of the numbers", generate=countdown_tasks),
    "game24": _Source("game24", "generated: make 24 of four numbers", generate=game24_tasks),
    "game24_table": _Source("game24", "the published Game of 24 table (CSV)", read=_whole(read_game24_table)),
    "gsm8k": _Source("math", "GSM8K word problems (JSONL)", read=_whole(read_gsm8k)),
    "humaneval": _code("HumanEval, as the package human-eval ships it", human_eval_file),
    "humaneval+": _code("HumanEval+ (EvalPlus's JSONL)"),
    "mbpp": _code("MBPP (JSONL)"),
    "mbpp+": _code("MBPP+ (EvalPlus's JSONL)"),
    "miniwob": _Source("miniwob", "MiniWoB++: small web tasks in a real browser", generate=miniwob_tasks),
    "quixbugs": _code("QuixBugs: one-line bugs to mend (JSONL)"),
    "quixbugs_clone": _Source("code_repository", "QuixBugs as repositories (a clone's folder)", read=_read_quix_bugs),
    "repairs": _Source("code_repository", "generated: small repositories with a bug each", generate=_repairs),
    "stdio": _code("programs that read and print: LiveCodeBench, CodeContests (JSONL)"),
    "swebench": _Source("code_repository", "repositories, as SWE-bench's or docs/code.md's (JSONL)", read=_read_code),
}
GYM = "gym:"
DEFAULT_SIZE = 20


def suite_names() -> dict[str, str]:
    """Each suite's name and one line about it."""
    return {name: source.about for name, source in _SOURCES.items()} | {
        f"{GYM}ID": "any Gymnasium environment, such as 'gym:FrozenLake8x8-v1 is_slippery=False'; a task is a seed"
    }


def load_suite(
    name: str, *, limit: int | None = None, seed: int = 0, data: Path | None = None, hub: str | None = None
) -> Suite:
    """A suite with its first `limit` tasks.

    Args:
        name: one of `suite_names()`; "gym:" and a Gymnasium id with its options.
        limit: number of tasks; by default 20 of a generated suite and all of a file.
        seed: of a generated suite.
        data: the file of a suite that is read.
        hub: a Hugging Face data set instead of a file; see `treewright.runs.hub.download`.

    Raises:
        UnknownName: no such suite.
        MissingPart: the suite is read from a file and none was given, or the other way round.
        DomainError: the file or the data set cannot be read; the message gives the line.
    """
    if name.startswith(GYM):
        _no_file(name, data, hub)
        return _gym(name, DEFAULT_SIZE if limit is None else limit, seed)
    source = _SOURCES.get(name)
    if source is None:
        raise UnknownName("suites", name, _SOURCES)
    left_out: Sequence[str] = ()
    if source.read is not None:
        tasks, left_out = source.read(_file(name, source, data, hub))
        tasks = tasks[:limit]
    else:
        _no_file(name, data, hub)
        assert source.generate is not None
        tasks = source.generate(DEFAULT_SIZE if limit is None else limit, seed)
    return Suite(name, source.domain, tuple(tasks), tuple(left_out))


def without_broken(suite: Suite, *, unsafe: bool = False) -> Suite:
    """The suite less the tasks whose reference solution fails their own tests; `left_out` says which and why.

    Raises:
        MissingPart: the suite's tasks have no reference solutions.
        DomainError: the sandbox, or the process that checks, failed.
    """
    places = [task.hidden for task in suite.tasks if isinstance(task.hidden, HiddenTests)]
    if len(places) < len(suite.tasks):
        raise MissingPart(f"the tasks of suite {suite.name!r} have no reference solutions; leave --check out")
    wrong = check_references(places, unsafe=unsafe)
    kept = tuple(task for task, why in zip(suite.tasks, wrong, strict=True) if why is None)
    found = tuple(f"{task.id}: {why}" for task, why in zip(suite.tasks, wrong, strict=True) if why is not None)
    return replace(suite, tasks=kept, left_out=suite.left_out + found)


def _gym(name: str, count: int, seed: int) -> Suite:
    try:
        from ..domains.gym import gym_tasks
    except ModuleNotFoundError as error:
        raise MissingPart(f"suite {name!r} needs the package {error.name}: pip install treewright[gym]") from None
    environment = name.removeprefix(GYM)
    tasks = gym_tasks(environment, count, seed)
    return Suite(environment.split()[0].replace(":", "-").replace("/", "-"), "gym", tuple(tasks))


def _no_file(name: str, data: Path | None, hub: str | None) -> None:
    if data is not None or hub is not None:
        raise MissingPart(f"suite {name!r} is generated and reads no file; leave {data or hub} out")


def _file(name: str, source: _Source, data: Path | None, hub: str | None) -> Path:
    if data is not None and hub is not None:
        raise MissingPart(f"suite {name!r} is read from one place; give --data or --hub, not both")
    if hub is not None:
        return download(hub)
    if data is not None:
        return data
    if source.default is None:
        raise MissingPart(f"suite {name!r} is read from a file; give it with --data FILE, or --hub NAME")
    return source.default()

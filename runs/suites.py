"""Suites: named, versioned lists of tasks, each with the domain that grades them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

from ..domains.protocol import ChecksReferences, Domain, DomainError, Task
from ..search.errors import MissingPart, UnknownName
from ..search.registry import load, names
from .choosing import chosen
from .hub import download
from .rows import read_rows
from .source import Need, SuiteCard, SuiteSource


@dataclass(frozen=True, slots=True)
class Suite:
    """A named list of tasks.

    Attributes:
        domain: a registered name, or an object.
        left_out: why tasks of its file are not among them, a line each.
        version: of the suite's source; with equal options, equal versions give equal tasks.
        split: which of its splits the tasks are of, where it has several.
    """

    name: str
    domain: str | Domain
    tasks: tuple[Task, ...]
    left_out: tuple[str, ...] = ()
    version: str = "1"
    split: str | None = None

    @property
    def digest(self) -> str:
        """What two suites of the same tasks, in whatever order, have in common: 16 hexadecimal digits of their ids and
        texts.
        """
        named = "\0".join(sorted(f"{task.id}\1{task.text}" for task in self.tasks))
        return blake2b(named.encode(errors="surrogatepass"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Choice:
    """Which tasks of a suite, and from where.

    Attributes:
        limit: the first so many; by default 20 of a generated suite and all of a file.
        seed: of a generated suite.
        tasks: ids; none for all.
        shuffle: the seed of another order, taken before `limit`; None keeps the suite's own.
        data: the file of a suite that is read, or "package:NAME/FILE" for one that an installed package ships.
        hub: a Hugging Face data set instead of a file; see `treewright.runs.hub.download`.
        split: of a data set, or of the suite "rows".
        fields: the file's name of each field of a task, for the suite "rows"; see `treewright.runs.rows.read_rows`.
        domain: another domain than the suite's own.
        skip_bad: pass over rows that cannot be used, and say why in `Suite.left_out`, instead of raising.
    """

    limit: int | None = None
    seed: int = 0
    tasks: Sequence[str] = ()
    shuffle: int | None = None
    data: str | Path | None = None
    hub: str | None = None
    split: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    domain: str | None = None
    skip_bad: bool = False


GYM = "gym:"
BROWSERGYM = "browsergym/"
ROWS = "rows"
PACKAGE = "package:"
DEFAULT_SIZE = 20

_IDS: dict[str, SuiteCard] = {
    f"{GYM}ID": SuiteCard(
        "gym",
        "any Gymnasium environment, such as 'gym:FrozenLake8x8-v1 is_slippery=False'; a task is a seed",
        "the environment's",
        "as many as asked for",
        needs=(Need("pip install treewright[gym]", "gymnasium"),),
    ),
    f"{BROWSERGYM}ID": SuiteCard(
        "browsergym",
        "any task of BrowserGym, such as browsergym/miniwob.click-dialog; a task is a seed",
        "the benchmark's",
        "as many as asked for",
        needs=(Need("pip install treewright[browsergym]", "browsergym"), Need("Chromium (treewright doctor)")),
    ),
    ROWS: SuiteCard(
        "math",
        "any JSONL or Parquet file or data set, by --field text=NAME --field hidden=NAME",
        "the file's own",
        "as the file",
        needs=(Need("a file (--data), or a Hugging Face data set (--hub)"),),
    ),
}


def suite_names() -> list[str]:
    """The names that `load_suite` takes."""
    return [*names("suites"), *_IDS]


def suite_cards() -> dict[str, SuiteCard]:
    """What is to be known of each."""
    return {name: _IDS[name] if name in _IDS else _source(name) for name in suite_names()}


def check_suite_name(name: str) -> None:
    """Raises UnknownName where `load_suite` knows no suite of that name, MissingPart where it is a file's."""
    if name.endswith((".jsonl", ".jsonl.gz", ".parquet")):
        raise MissingPart(f"{name} is a file, not a suite; read it with: rows --data {name} --field text=NAME")
    if name != ROWS and not name.startswith((GYM, BROWSERGYM)) and name not in names("suites"):
        raise UnknownName("suites", name, suite_names())


def load_suite(name: str, choice: Choice | None = None, **choices: object) -> Suite:
    """A suite with the tasks chosen.

    Args:
        name: one of `suite_names()`; "gym:" and a Gymnasium id with its options; a BrowserGym id.
        choice: which tasks, and from where; its fields may be given as keywords.

    Raises:
        UnknownName: no such suite, task or field.
        MissingPart: the suite is read from a file and none was given, or the other way round; it has no splits.
        DomainError: the file or the data set cannot be read; the message gives line, field and value.
    """
    choice = replace(choice or Choice(), **choices)  # type: ignore[arg-type]
    check_suite_name(name)
    if name == ROWS:
        return _rows(choice)
    if choice.fields:
        raise MissingPart(f"suite {name!r} has a reader of its own; fields are mapped for the suite {ROWS!r} alone")
    if name.startswith((GYM, BROWSERGYM)):
        _no_file(name, choice)
        return _of_environment(name, choice)
    source = _source(name)
    left_out: list[str] = []
    if source.read is not None:
        tasks = source.read(_file(name, source, choice), left_out if choice.skip_bad else None)
        tasks = chosen(tasks, choice.tasks, choice.shuffle, choice.limit)
    else:
        _no_file(name, choice)
        assert source.generate is not None
        tasks = source.generate(DEFAULT_SIZE if choice.limit is None else choice.limit, choice.seed)
        tasks = chosen(tasks, choice.tasks, choice.shuffle)
    return Suite(name, choice.domain or source.domain, tuple(tasks), tuple(left_out), source.version, choice.split)


def without_broken(suite: Suite) -> Suite:
    """The suite less the tasks whose reference solution fails their own tests; `left_out` says which and why.

    The suite's domain judges them as it judges answers: an object in the sandbox that it was made with.

    Raises:
        MissingPart: the suite's tasks have no reference solutions.
        DomainError: the sandbox, or the process that checks, failed.
    """
    domain = load("domains", suite.domain)() if isinstance(suite.domain, str) else suite.domain
    if not isinstance(domain, ChecksReferences):
        raise MissingPart(f"the tasks of suite {suite.name!r} have no reference solutions; leave --check out")
    wrong = {task.id: domain.wrong_with(task) for task in suite.tasks}
    kept = tuple(task for task in suite.tasks if wrong[task.id] is None)
    found = tuple(f"{name}: {why}" for name, why in wrong.items() if why is not None)
    return replace(suite, tasks=kept, left_out=suite.left_out + found)


def _source(name: str) -> SuiteSource:
    source = load("suites", name)
    if not isinstance(source, SuiteSource):
        raise MissingPart(f"suite {name!r}: its entry point gives {type(source).__name__}, not a SuiteSource")
    return source


def _rows(choice: Choice) -> Suite:
    domain = choice.domain or _IDS[ROWS].domain
    if choice.hub is None and choice.data is None:
        raise MissingPart(f"suite {ROWS!r} is read from a file; give it with --data FILE, or --hub NAME")
    path = _given_file(choice)
    left_out: list[str] = []
    tasks = read_rows(
        path,
        choice.fields,
        domain=load("domains", domain)(),
        split=None if choice.hub else choice.split,
        skipped=left_out if choice.skip_bad else None,
    )
    tasks = chosen(tasks, choice.tasks, choice.shuffle, choice.limit)
    return Suite(path.name.split(".")[0], domain, tuple(tasks), tuple(left_out), split=choice.split)


def _of_environment(name: str, choice: Choice) -> Suite:
    try:
        from ..domains.gym.specification import gym_tasks
    except ModuleNotFoundError as error:
        raise MissingPart(f"suite {name!r} needs the package {error.name}: pip install treewright[gym]") from None
    environment = name.removeprefix(GYM)
    domain = "gym" if name.startswith(GYM) else "browsergym"
    tasks = gym_tasks(environment, DEFAULT_SIZE if choice.limit is None else choice.limit, choice.seed)
    named = re.sub(r"[^\w.-]", "-", environment.split()[0])
    return Suite(named, choice.domain or domain, tuple(chosen(tasks, choice.tasks, choice.shuffle)))


def _no_file(name: str, choice: Choice) -> None:
    place = choice.data or choice.hub
    if place is not None:
        raise MissingPart(f"suite {name!r} is generated and reads no file; leave {place} out")
    if choice.split is not None:
        raise MissingPart(f"suite {name!r} is generated and has no splits; choose other tasks by --seed")


def _file(name: str, source: SuiteSource, choice: Choice) -> Path:
    if choice.split is not None and choice.hub is None:
        raise MissingPart(f"suite {name!r} is read from a file of one split; give another file, or --hub with --split")
    if choice.data is not None or choice.hub is not None:
        return _given_file(choice)
    if source.default is None:
        raise MissingPart(f"suite {name!r} is read from a file; give it with --data FILE, or --hub NAME")
    return source.default()


def _given_file(choice: Choice) -> Path:
    if choice.data is not None and choice.hub is not None:
        raise MissingPart("a suite is read from one place; give --data or --hub, not both")
    if choice.hub is not None:
        return download(choice.hub, choice.split)
    place = str(choice.data)
    path = _packaged(place.removeprefix(PACKAGE)) if place.startswith(PACKAGE) else Path(place)
    if not path.exists():
        raise DomainError(f"{path} is not there; expected a suite's file")
    return path


def _packaged(place: str) -> Path:
    """A file that an installed package ships, which is not imported."""
    package, _, inside = place.partition("/")
    spec = find_spec(package)
    if spec is None or spec.origin is None or not inside:
        raise DomainError(
            f"{PACKAGE}{place}: expected {PACKAGE}NAME/FILE, NAME being an installed package and FILE a path within it"
        )
    return Path(spec.origin).parent / inside

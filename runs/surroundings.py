"""What a run was made with: versions, machine, and the state of the code around it."""

from __future__ import annotations

import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

PACKAGE = "treewright"
_SECONDS = 10  # that git may take


def surroundings(directory: Path | None = None) -> dict[str, Any]:
    """Versions of Python, of treewright and of the installed packages that it names; the platform; the git revision.

    Args:
        directory: whose git revision; the working directory by default.
    """
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": _packages(),
        "git": git_revision(directory or Path.cwd()),
    }


def git_revision(directory: Path) -> dict[str, Any] | None:
    """The commit that a directory's files are of, and whether some have changed since; None where git knows neither."""
    try:
        revision = _git(directory, "rev-parse", "HEAD")
        changed = bool(_git(directory, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return None
    return {"revision": revision, "changed": changed}


def _packages() -> dict[str, str]:
    names = set(re.findall(r"^[\w.-]+", "\n".join(requires(PACKAGE) or ()), re.MULTILINE))
    found = {PACKAGE: version(PACKAGE)}
    for name in sorted(names):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue  # of an extra that is not installed
    return found


def _git(directory: Path, *arguments: str) -> str:
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=_SECONDS).stdout.strip()

"""Installed packages that programs may import, as read-only places behind the wall."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from .inside.root import PACKAGES
from .protocol import NoSandbox

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def binds(names: Sequence[str]) -> dict[str, str]:
    """Place behind the wall -> path here, for the named distributions and all that they require.

    Requirements that are not installed, optional ones among them, are left out.

    Raises:
        NoSandbox: a named one is not installed, or lies in one file tree with its source (an editable install).
    """
    found: dict[str, str] = {}
    for name, package in _with_requirements(names).items():
        roots = {file.parts[0] for file in package.files or () if ".." not in file.parts and len(file.parts) > 1}
        roots |= {str(file) for file in package.files or () if len(file.parts) == 1 and file.suffix in (".py", ".so")}
        roots.discard("__pycache__")
        if not roots:
            raise NoSandbox(f"the package {name!r} has no files of its own here; an editable install cannot be lent")
        for root in roots:
            found[f"{PACKAGES}/{root}"] = str(Path(str(package.locate_file(root))))
    return found


def _with_requirements(names: Sequence[str]) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    for name in names:
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            raise NoSandbox(f"the package {name!r}, which programs are to import, is not installed") from None
    left = list(found.values())
    while left:
        for requirement in left.pop().requires or ():
            match = _NAME.match(requirement)
            if match is None or "extra ==" in requirement or match.group() in found:
                continue
            try:
                found[match.group()] = distribution(match.group())
            except PackageNotFoundError:
                continue  # one for another system, by its marker
            left.append(found[match.group()])
    return found

"""What is said of a file that is not there."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_NAMED_FILES = 20
_MEANT_FILES = 3


def no_file(path: str, files: Iterable[str]) -> str:
    """That there is no such file, and which one may be meant: of the same name, else of a like path, else any."""
    known = sorted(files)
    name = path.rpartition("/")[2]
    named = [file for file in known if file.rpartition("/")[2] == name]
    meant = named[:_MEANT_FILES] or get_close_matches(path, known, n=1)
    if meant:
        return f"there is no file {path}; did you mean {' or '.join(meant)}?"
    if not known:
        return f"there is no file {path}; the repository is empty"
    more = f" and {len(known) - _NAMED_FILES} more" if len(known) > _NAMED_FILES else ""
    return f"there is no file {path}; there are {', '.join(known[:_NAMED_FILES])}{more}"

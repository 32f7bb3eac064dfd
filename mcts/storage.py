"""Saving a forest to a directory and loading it again.

A directory holds `forest.json` (format, settings, sizes, checksums), `tables.bin` (trees, tickets, free places) and one
`columns-<i>.bin` an arena: the bytes of its columns as they lie in memory, so that loading can map the file.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import zlib
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from . import rules
from .backups import PowerMean
from .errors import InvalidInput, SavedForestError
from .rules import Rule
from .settings import Settings
from .widening import Widening

if TYPE_CHECKING:
    from ._core import Forest

FORMAT: Final = 2
_HEADER: Final = "forest.json"
_TABLES: Final = "tables.bin"
_COLUMNS: Final = re.compile(r"columns-[0-9]+\.bin")


def save(forest: Forest, directory: str | os.PathLike[str]) -> None:
    """Writes a forest to a directory: new, or one that holds a saved forest and nothing else, which it replaces.

    Everything is written beside it first. A crash while the old one is being replaced may leave the name empty; the old
    forest then lies beside it, in a folder that begins with a dot.

    Raises:
        InvalidInput: the directory holds something else.
        OSError: it cannot be written.
    """
    target = Path(directory)
    if target.exists():
        _refuse_others(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        new, old = beside / "new", beside / "old"
        new.mkdir()
        _write(forest, new)
        if target.exists():
            target.replace(old)
        try:
            new.replace(target)
        except OSError:
            if old.exists():
                old.replace(target)
            raise
        _flush_directory(target.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _refuse_others(target: Path) -> None:
    if not target.is_dir():
        raise InvalidInput(f"{target} is no directory: give a new one, or that of a saved forest")
    names = {path.name for path in target.iterdir()}
    others = sorted(name for name in names if name not in (_HEADER, _TABLES) and not _COLUMNS.fullmatch(name))
    if others or (names and _HEADER not in names):
        raise InvalidInput(
            f"{target} holds no saved forest alone, but {(others or sorted(names))[0]}: give a new directory"
        )


def load(kind: type[Forest], directory: str | os.PathLike[str], mmap: bool, rule: Rule | None) -> Forest:
    """The forest that was saved to a directory; see `Forest.load`."""
    source = Path(directory)
    header = _header(source)
    tables = _read(source / _TABLES)
    if zlib.crc32(tables) != header["tables_crc32"]:
        raise SavedForestError(f"{source / _TABLES} is damaged: its checksum is not that of {_HEADER}")
    settings = _settings(source, header["settings"], rule)
    forest = kind(**{field.name: getattr(settings, field.name) for field in dataclass_fields(settings)})
    paths = [source / f"columns-{arena}.bin" for arena in range(len(header["arenas"]))]
    if len(paths) != forest.arenas:
        raise SavedForestError(f"{source / _HEADER} names {len(paths)} arenas: its settings make {forest.arenas}")
    if not mmap:
        for path, arena in zip(paths, header["arenas"], strict=True):
            if _checksum(path) != arena["crc32"]:
                raise SavedForestError(f"{path} is damaged: its checksum is not that of {_HEADER}")
    forest._restore(tables, [str(path) for path in paths], [arena["slots"] for arena in header["arenas"]], mmap)
    return forest


def _write(forest: Forest, directory: Path) -> None:
    paths = [directory / f"columns-{arena}.bin" for arena in range(forest.arenas)]
    tables, capacities = forest._write([str(path) for path in paths])
    (directory / _TABLES).write_bytes(tables)
    content: dict[str, Any] = {
        "format": FORMAT,
        "byte_order": sys.byteorder,
        "settings": _described(forest.settings),
        "tables_crc32": zlib.crc32(tables),
        "arenas": [{"slots": slots, "crc32": _checksum(path)} for path, slots in zip(paths, capacities, strict=True)],
    }
    (directory / _HEADER).write_text(json.dumps({**content, "crc32": _crc(content)}, indent=1))
    for path in directory.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    _flush_directory(directory)


def _flush_directory(directory: Path) -> None:
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _crc(content: dict[str, Any]) -> int:
    return zlib.crc32(json.dumps(content, sort_keys=True).encode())


def _checksum(path: Path) -> int:
    crc = 0
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 22):
                crc = zlib.crc32(piece, crc)
    except OSError as error:
        raise SavedForestError(f"{path} cannot be read: {error.strerror}") from error
    return crc


def _header(directory: Path) -> dict[str, Any]:
    path = directory / _HEADER
    try:
        header = json.loads(_read(path))
    except ValueError as error:
        raise SavedForestError(f"{path} is no JSON: {error}") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        found = header.get("format") if isinstance(header, dict) else None
        raise SavedForestError(f"{path} has format {found}: this treewright reads {FORMAT}")
    if header.pop("crc32", None) != _crc(header):
        raise SavedForestError(f"{path} is damaged: its checksum is not that of what it holds")
    if header["byte_order"] != sys.byteorder:
        raise SavedForestError(f"{path} was saved on a {header['byte_order']}-endian machine: this one is not")
    return header


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SavedForestError(f"{path} cannot be read: {error.strerror}") from error


def _described(settings: Settings) -> dict[str, Any]:
    """The settings as JSON: dataclasses as their name and fields."""
    return {field.name: _plain(getattr(settings, field.name)) for field in dataclass_fields(settings)}


def _plain(value: Any) -> Any:
    if isinstance(value, Rule) and value.KIND == "custom":
        return {"class": "CustomRule", "name": value.name}  # type: ignore[attr-defined]
    if is_dataclass(value):
        return {
            "class": type(value).__name__,
            **{f.name: _plain(getattr(value, f.name)) for f in dataclass_fields(value)},
        }
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _settings(directory: Path, described: dict[str, Any], rule: Rule | None) -> Settings:
    given = {name: _made(value) for name, value in described.items() if name != "rule"}
    given["value_range"] = tuple(given["value_range"])
    saved = described["rule"]
    if rule is None and saved["class"] == "CustomRule":
        raise InvalidInput(f"{directory} was saved with the custom rule {saved['name']!r}: give it as rule=")
    return Settings(rule=_made(saved) if rule is None else rule, **given)


def _made(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    made = {"PowerMean": PowerMean, "Widening": Widening}.get(value["class"]) or getattr(rules, value["class"])
    return made(**{name: field for name, field in value.items() if name != "class"})

"""Data sets of the Hugging Face hub as JSONL files, by the package `datasets` (extra `code`)."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ..domains.protocol import DomainError
from ..search.errors import MissingPart
from ..value_models.small_model import cache_dir


def download(name: str, split: str | None = None) -> Path:
    """One split of a data set as a JSONL file in the cache; what is there already is used again, without the network.

    Args:
        name: "NAME", "NAME:CONFIG" or "NAME:CONFIG:SPLIT". NAME is what `datasets.load_dataset` takes: a hub name, or a
            local directory, which is read anew each time.
        split: the split where the name has none; "test" by default.

    Raises:
        MissingPart: the package `datasets` is not installed; two splits are given.
        DomainError: there is no such data set, configuration or split, or it cannot be fetched.
    """
    path, config, named = (*name.split(":"), "", "")[:3]
    if named and split not in (None, named):
        raise MissingPart(f"the data set {name!r} names a split; give --split or the name's third part, not both")
    split = named or split or "test"
    file = (
        cache_dir() / "datasets" / f"{'-'.join(part.replace('/', '_') for part in (path, config, split) if part)}.jsonl"
    )
    if file.exists() and not Path(path).exists():
        return file
    try:
        from datasets import load_dataset
    except ImportError:
        raise MissingPart(
            "reading Hugging Face data sets needs the package datasets: pip install treewright[code]"
        ) from None
    try:
        rows = load_dataset(path, config or None, split=split)
    except Exception as error:  # the package raises errors of many libraries, its own and the network's among them
        raise DomainError(f"data set {name!r} cannot be loaded: {type(error).__name__}: {error}") from error
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as lines:
        for row in rows:
            lines.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
    part.replace(file)
    return file

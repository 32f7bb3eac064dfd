"""Whole finished trees: a change of one means that searches have changed, which must be meant."""

from __future__ import annotations

from typing import Any

import pytest
from golden.searches import COLUMNS, FOLDER, SEARCHES, read, rows_of


@pytest.mark.parametrize("name", SEARCHES)
def test_the_tree_is_the_one_that_is_kept(kind: Any, name: str) -> None:
    kept = read(name)
    assert kept, f"no golden tree {name}: python tests/golden/rewrite.py writes it"
    grown = rows_of(SEARCHES[name](kind))
    for number, (before, now) in enumerate(zip(kept, grown, strict=False)):
        assert dict(zip(COLUMNS, now, strict=True)) == dict(zip(COLUMNS, before, strict=True)), f"node in row {number}"
    assert len(grown) == len(kept)


def test_every_kept_tree_has_its_search() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == sorted(SEARCHES)

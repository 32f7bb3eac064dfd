"""Writes the golden trees anew, from the oracle, and says what has changed: `python tests/golden/rewrite.py`.

A tree that changes means that searches change: it is rewritten where that is meant, and committed with the change.
"""

from __future__ import annotations

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / ".pkg"), str(REPOSITORY / "tests")]

from golden.searches import COLUMNS, FOLDER, SEARCHES, Row, read, rows_of, write  # noqa: E402

from treewright.mcts import ReferenceForest  # noqa: E402


def difference(before: list[Row], after: list[Row]) -> str:
    """What has become of a tree, in a few words."""
    if not before:
        return f"new, {len(after)} nodes"
    if before == after:
        return f"unchanged, {len(after)} nodes"
    changed = [
        f"{name} of {count}"
        for index, name in enumerate(COLUMNS)
        if (count := sum(old[index] != new[index] for old, new in zip(before, after, strict=False)))
    ]
    sizes = f"{len(before)} nodes" if len(before) == len(after) else f"{len(before)} nodes, now {len(after)}"
    return f"CHANGED, {sizes}: {', '.join(changed) or 'nodes added or gone'}"


def main() -> None:
    for name, search in SEARCHES.items():
        rows = rows_of(search(ReferenceForest))
        print(f"{name:24} {difference(read(name), rows)}")
        write(name, rows)
    for path in sorted(FOLDER.glob("*.json")):
        if path.stem not in SEARCHES:
            print(f"{path.stem:24} REMOVED, no search has this name")
            path.unlink()


if __name__ == "__main__":
    main()

"""Short word problems from a template: a load, not a benchmark."""

from __future__ import annotations

from treewright.domains.protocol import Task


def word_problems(count: int) -> list[Task]:
    """`count` problems, all different for up to 385, with their answers."""
    return [
        Task(
            f"boxes-{i}",
            f"A shop packs {3 + i % 7} pens in a box. It sells {5 + i % 11} boxes on Monday and {2 + i % 5} on "
            f"Tuesday. Each pen costs {1 + i % 4} dollars. How many dollars does the shop take in?",
            str((3 + i % 7) * (7 + i % 11 + i % 5) * (1 + i % 4)),
        )
        for i in range(count)
    ]

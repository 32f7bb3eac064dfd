"""Whether a task was done: what changed in the database, and what was said."""

from __future__ import annotations

import re
from collections import Counter

from ..database import Fact
from .task import ShopTask

_WORD = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)?")
LONGEST_ANSWER = 40


def verdict(task: ShopTask, before: Counter[Fact], after: Counter[Fact], said: str | None) -> str:
    """Why a task is not done; nothing where it is.

    Exactly the facts that the task names must have come and gone. An answer must hold the expected words side by side
    and no number besides theirs, in at most 40 words.
    """
    for what, changed, wanted in (
        ("was added", after - before, Counter(task.adds)),
        ("was removed", before - after, Counter(task.removes)),
    ):
        for fact in wanted - changed:
            return f"not {what}: {fact}"
        for fact in changed - wanted:
            return f"{what} and should not be: {fact}"
    return _answer(task.said, said or "") if task.said else ""


def _answer(expected: str, said: str) -> str:
    wanted, words = _words(expected), _words(said)
    starts = range(len(words) - len(wanted) + 1)
    numbers = {word for word in words if word[0].isdigit()} - set(wanted)
    if len(words) > LONGEST_ANSWER or numbers or not any(words[i : i + len(wanted)] == wanted for i in starts):
        return f"the answer is {expected!r}, not {said!r}"
    return ""


def _words(text: str) -> list[str]:
    """Lower-case words and numbers, 12.50 and 12.5 being one."""
    found = _WORD.findall(text.lower().replace(",", ""))
    return [f"{float(word):g}" if word[0].isdigit() else word for word in found]

"""The server as the peers use it: one line, or several, and values; also for callers that block."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Any, TypeVar

from treewright.domains.math import WordProblems
from treewright.domains.protocol import Task
from treewright.value_models import VLLM, Evidence, Prompt, Sampling

T = TypeVar("T")
DOMAIN = WordProblems()
Lines = tuple[str, ...]


@dataclass
class Asking:
    """One server, one task, and how many proposals were drawn for it."""

    model: VLLM
    task: Task
    proposals: int = 0

    async def lines(self, so_far: Lines, n: int) -> list[str]:
        """The next line after `so_far`, n times, in one request."""
        shown = DOMAIN.observe(DOMAIN.reset(self.task.visible()))
        path = "".join(f"{line}\n" for line in so_far)
        sampling = Sampling(shown.step.max_tokens, 0.8, stop=shown.step.stop)
        self.proposals += n
        (drawn,) = await self.model.propose([Prompt(shown.task, shown.instruction, path, sampling)], n)
        return [item.text.strip() for item in drawn.items]

    async def values(self, states: Sequence[Lines]) -> list[float]:
        """The value of each state, in one request."""
        question = "Are these steps right so far?"
        evidence = [Evidence(self.task.text, "".join(f"{line}\n" for line in lines), question) for lines in states]
        return [score.value for score in await self.model.score(evidence)]


class Blocking:
    """Runs coroutines on a loop in a thread of its own, for callers that wait."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`; may be called from several threads at once."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """Ends the loop and its connections."""
        self.wait(self._loop.shutdown_asyncgens())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

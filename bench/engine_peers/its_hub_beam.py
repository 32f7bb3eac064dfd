"""its_hub's beam search, all tasks at once, on its own interfaces for a language model and a process reward model."""

from __future__ import annotations

import asyncio
from typing import Any

from its_hub.api import AbstractLanguageModel, AbstractProcessRewardModel
from its_hub.core.algorithms.beam_search import BeamSearch
from its_hub.core.lms.step_generation import StepGeneration

from engine_peers.asking import Asking, Blocking

WIDTH = 2
CANDIDATES = 4  # of each path kept


class _Model(AbstractLanguageModel):  # type: ignore[misc]
    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def agenerate(self, messages: Any, *_: Any, **__: Any) -> Any:
        return await asyncio.gather(*(self.agenerate_single(given) for given in messages))

    async def agenerate_single(self, messages: Any, *_: Any, **__: Any) -> dict[str, str]:
        written = messages[1].content if len(messages) > 1 else ""
        (line,) = await self._asking.lines(tuple(filter(None, written.split("\n"))), 1)
        return {"role": "assistant", "content": line}


class _Reward(AbstractProcessRewardModel):  # type: ignore[misc]
    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def score(self, *_: Any) -> list[float]:
        raise NotImplementedError("beam search asks ascore")

    async def ascore(self, _: Any, steps: list[str]) -> list[float]:
        return await self._asking.values([tuple(text.split("\n")) for text in steps])


def beam(askings: list[Asking], proposals: int, blocking: Blocking) -> None:
    """Beam search of width 2: 4 candidates at the first level, 2 x 4 at each further one, for the given proposals."""

    async def all_tasks() -> None:
        await asyncio.gather(*(one(asking) for asking in askings))

    async def one(asking: Asking) -> None:
        # It goes on until a path had max_steps lines before its last one, which is one level more.
        levels = 1 + (proposals - CANDIDATES) // (WIDTH * CANDIDATES)
        steps = StepGeneration(max_steps=levels - 1, step_token="\n", temperature=0.8)
        search = BeamSearch(steps, _Reward(asking), beam_width=WIDTH)
        await search.ainfer(_Model(asking), asking.task.text, budget=WIDTH * CANDIDATES)

    blocking.wait(all_tasks())

"""What wrappers of one value model have in common."""

from __future__ import annotations

from collections.abc import Sequence

from ..identity import identity
from ..protocols import Evidence, Score, ValueModel


class Wrapper:
    """A value model that asks another one: same range, same batches, and who it is with the other's name in it.

    Args:
        model: who is asked.
        name: what the wrapper does to it, constants and all.
    """

    def __init__(self, model: ValueModel, name: str) -> None:
        self._model = model
        self._name = name

    @property
    def value_range(self) -> tuple[float, float]:
        """The wrapped model's range."""
        return self._model.value_range

    @property
    def max_batch(self) -> int:
        """The wrapped model's batches."""
        return self._model.max_batch

    async def identity(self) -> str | None:
        """Who this is; None where the wrapped model does not say."""
        return await within(self._name, self._model)

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Scores each item.

        Raises:
            ModelError: the wrapped model could not answer.
        """
        scores = await self._model.score(evidence)
        return [self.changed(item, score) for item, score in zip(evidence, scores, strict=True)]

    def changed(self, item: Evidence, score: Score) -> Score:
        """What the wrapper makes of one score."""
        raise NotImplementedError


async def within(name: str, *models: ValueModel) -> str | None:
    """A name for what is made of models: "name(one, other)"; None where one of them does not say who it is."""
    said = [await identity(model) for model in models]
    known = [one for one in said if one is not None]
    return f"{name}({', '.join(known)})" if len(known) == len(said) else None

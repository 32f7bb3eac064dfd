"""Features of texts: the hidden state at a text's last token, from a server that embeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..answers import share, usage
from ..client import Client
from ..concurrency import together
from ..errors import BadAnswer, WrongHead, charged
from ..pooled import entries
from ..protocols import Usage
from ..transport import Transport

SINCE = "vLLM 0.32, started with --runner pooling --convert embed,"

Matrix = npt.NDArray[np.float32]


class Features(Protocol):
    """Whoever makes numbers of texts."""

    async def model(self) -> str:
        """Which model's features they are.

        Raises:
            ModelError: the server could not answer.
        """
        ...

    async def of(self, texts: Sequence[str]) -> tuple[Matrix, list[Usage]]:
        """The features of N texts, (N, D), and what each cost.

        Raises:
            ModelError: the server could not answer.
        """
        ...


class Embeddings:
    """Features from a vLLM that serves a model with `--runner pooling --convert embed`.

    They are the model's last hidden state at the last token, as it is, not scaled to length 1: the very numbers that a
    classification head of the same model sees.

    Args:
        server: the server, or its address.
        max_items: most texts in one request.
    """

    def __init__(self, server: str | Transport, max_items: int = 64) -> None:
        self._client = Client(server) if isinstance(server, str) else server
        self._max_items = max_items

    async def model(self) -> str:
        """The served model's name."""
        return (await self._client.model()).id

    async def of(self, texts: Sequence[str]) -> tuple[Matrix, list[Usage]]:
        """The features of N texts, (N, D), and what each cost, by length of text.

        Raises:
            MissingEndpoint: the server does not pool.
            Refused: it pools, but not to embeddings.
            BadAnswer: not one vector for each text, all of one length.
        """
        starts = range(0, len(texts), self._max_items)
        parts = await together([self._part(texts[start : start + self._max_items]) for start in starts])
        rows = [row for part, _ in parts for row in part]
        if len({len(row) for row in rows}) > 1:
            raise BadAnswer(
                f"/pooling gave vectors of lengths {sorted({len(row) for row in rows})}; expected one length."
            )
        costs = [cost for _, part in parts for cost in part]
        return np.array(rows, np.float32), costs

    async def token(self, text: str) -> int:
        """The one token that a text is.

        Raises:
            WrongHead: it is several.
            BadAnswer: the server gives none.
        """
        model = await self.model()
        body = {"model": model, "prompt": text, "add_special_tokens": False}
        tokens = (await self._client.post("/tokenize", body, since=SINCE)).get("tokens")
        if not isinstance(tokens, list) or not tokens:
            raise BadAnswer(f"/tokenize gave no tokens for {text!r}.")
        if len(tokens) > 1:
            raise WrongHead(f"the tag {text!r} is {len(tokens)} tokens of {model!r}; name one of its reserved tokens")
        return int(tokens[0])

    async def close(self) -> None:
        """Closes the connections of the running event loop."""
        await self._client.close()

    async def _part(self, texts: Sequence[str]) -> tuple[list[list[float]], list[Usage]]:
        body: dict[str, Any] = {
            "model": await self.model(),
            "input": list(texts),
            "task": "embed",
            "use_activation": False,
        }
        answer = await self._client.post("/pooling", body, since=SINCE)
        paid = usage(answer)
        with charged(paid):
            rows = [_vector(entry.get("data")) for entry in entries(answer, len(texts), "/pooling")]
        return rows, share(paid, [len(text) for text in texts])


def _vector(row: Any) -> list[float]:
    if not isinstance(row, list) or not row or not all(isinstance(number, float | int) for number in row):
        raise BadAnswer(f"/pooling gave {str(row)[:80]}; expected a vector of numbers.")
    return row

"""Values as the probability of a label: how likely " Yes" is against " No" after a question about the state."""

from __future__ import annotations

from collections.abc import Sequence

from .answers import share, usage
from .concurrency import together
from .errors import BadAnswer, ModelError, PromptTooLong, charged
from .prompts import label_text
from .protocols import Evidence, Score
from .transport import Json, ModelCard, Transport

SINCE = "vLLM 0.32"


class LabelValue:
    """Scores states by one forward pass each: value = P(positive) / (P(positive) + P(negative)).

    The probabilities are those of the next token after `prompts.label_text(evidence)`, read by vLLM's
    /generative_scoring; items of different tasks share a request. The value costs one token beside the prompt's.

    Args:
        client: a vLLM server.
        positive: label of a good state; one token of the model.
        negative: label of a bad state; one token of the model.
        max_items: most items in one request.
    """

    value_range = (0.0, 1.0)
    max_batch = 64

    def __init__(
        self, client: Transport, *, positive: str = " Yes", negative: str = " No", max_items: int = 256
    ) -> None:
        self._client = client
        self._labels = (positive, negative)
        self._max_items = max_items
        self._label_ids: list[int] | None = None

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Scores each item; its usage is its part of the request's, by length of text.

        Raises:
            MissingEndpoint: the server has no /generative_scoring.
            PromptTooLong: an item does not fit the model's context.
            ModelError: a label is not one token, or the server could not answer.
        """
        starts = range(0, len(evidence), self._max_items)
        parts = await together([self._score_part(evidence[start : start + self._max_items]) for start in starts])
        return [score for part in parts for score in part]

    async def _score_part(self, evidence: Sequence[Evidence]) -> list[Score]:
        card = await self._client.model()
        texts = [label_text(item) for item in evidence]
        long = [
            text for text in texts if card.max_model_len is not None and len(text.encode()) >= card.max_model_len - 1
        ]
        if long:
            await together([self._check_length(text, card) for text in long])
        body = {
            "model": card.id,
            "query": "",
            "items": texts,
            "label_token_ids": await self._label_tokens(card.id),
            "apply_softmax": True,
            "item_first": False,
        }
        answer = await self._client.post("/generative_scoring", body, since=SINCE)
        paid = usage(answer)
        with charged(paid):
            values = _probabilities(answer, len(texts))
        costs = share(paid, [len(text) for text in texts])
        provenance = f"{card.id} P({self._labels[0].strip()})"
        return [Score(value, cost, provenance) for value, cost in zip(values, costs, strict=True)]

    async def _check_length(self, text: str, card: ModelCard) -> None:
        """The endpoint cuts a long text without a word (seen in 0.32.0), so the length is checked here.

        A token holds at least one byte: only a text with as many bytes as the context has tokens needs counting.
        """
        counted = await self._client.post("/tokenize", {"model": card.id, "prompt": text}, since=SINCE)
        count = counted.get("count")
        if not isinstance(count, int):
            raise BadAnswer(f"/tokenize answered without a count: {str(counted)[:120]}.")
        if card.max_model_len is not None and count >= card.max_model_len:
            raise PromptTooLong(
                f"The text to score has {count} tokens; '{card.id}' takes {card.max_model_len} with the label's token.",
                count,
                card.max_model_len,
            )

    async def _label_tokens(self, model: str) -> list[int]:
        if self._label_ids is None:
            self._label_ids = await together([self._one_token(label, model) for label in self._labels])
        return self._label_ids

    async def _one_token(self, label: str, model: str) -> int:
        body = {"model": model, "prompt": label, "add_special_tokens": False}
        tokens = (await self._client.post("/tokenize", body, since=SINCE)).get("tokens")
        if not isinstance(tokens, list) or not tokens:
            raise BadAnswer(f"/tokenize gave no tokens for the label {label!r}.")
        if len(tokens) != 1:
            raise ModelError(
                f"The label {label!r} is {len(tokens)} tokens of '{model}' ({tokens}); a label must be one. "
                'Choose other labels, or value="judge".'
            )
        return int(tokens[0])


def _probabilities(answer: Json, expected: int) -> list[float]:
    try:
        values = [float(entry["score"]) for entry in sorted(answer["data"], key=lambda entry: int(entry["index"]))]
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer(f"/generative_scoring answered without scores: {str(answer)[:120]}.") from error
    if len(values) != expected:
        raise BadAnswer(f"/generative_scoring gave {len(values)} scores for {expected} items.")
    for value in values:
        if not 0.0 <= value <= 1.0:
            raise BadAnswer(f"/generative_scoring gave the probability {value}; expected 0 to 1.")
    return values

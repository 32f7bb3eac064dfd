"""How likely given texts are after a prompt: the server reads each candidate and says its probability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .answers import choices, log_sum, usage
from .concurrency import together
from .errors import BadAnswer, charged
from .prompts import plain_text
from .protocols import Prompt, Ranking, Usage
from .transport import Transport


class TextRanker:
    """Ranks candidates by the log-probability of their own text after the prompt's plain text (`prompts.plain_text`).

    One /v1/completions request a prompt, which the server answers with the log-probabilities of what it read
    (`echo`). It reads prompt and candidate anew for every candidate, so short prompts are what keeps it cheap.
    """

    def __init__(self, client: Transport) -> None:
        self._client = client

    async def rank(self, prompts: Sequence[Prompt], candidates: Sequence[Sequence[str]]) -> list[Ranking]:
        """Log-probability of each candidate, the sum over every token that holds a character of it.

        Raises:
            ValueError: a candidate is empty, or there are not as many lists of candidates as prompts.
            ModelError: the server could not answer.
        """
        pairs = list(zip(prompts, candidates, strict=True))
        for prompt, texts in pairs:
            if not all(texts):
                raise ValueError(f"An empty candidate has no probability: {list(texts)!r} after {prompt.user[:60]!r}.")
        return await together([self._rank_one(prompt, texts) for prompt, texts in pairs])

    async def _rank_one(self, prompt: Prompt, texts: Sequence[str]) -> Ranking:
        card = await self._client.model()
        if not texts:
            return Ranking((), Usage(), card.id)
        head = plain_text(prompt)
        body = {
            "model": card.id,
            "prompt": [head + text for text in texts],
            "max_tokens": 0,
            "echo": True,
            "logprobs": 0,
            "temperature": 0.0,
        }
        answer = await self._client.post("/v1/completions", body, prefix=prompt.system + prompt.user)
        paid = usage(answer)
        with charged(paid):
            read = choices(answer, len(texts))
            logprobs = tuple(candidate_logprob(choice, head, text) for choice, text in zip(read, texts, strict=True))
        return Ranking(logprobs, paid, card.id)


def candidate_logprob(choice: dict[str, Any], head: str, candidate: str) -> float:
    """The summed log-probability of the tokens of `head + candidate` that hold a character of `candidate`.

    A token that straddles the border counts. Character positions are taken from the end of the text, since some
    servers put a beginning-of-text token's name in front of it.

    Args:
        choice: a completion with `echo` and `logprobs`.
        head: what stood before the candidate.
        candidate: not empty.

    Raises:
        BadAnswer: the server did not echo the text, or its log-probabilities do not cover it.
    """
    text = head + candidate
    logprobs = choice.get("logprobs")
    if not isinstance(logprobs, dict) or not str(choice.get("text")).endswith(text):
        raise BadAnswer(
            "The server did not give back the text with log-probabilities; ranking needs /v1/completions with echo, "
            f"as vLLM has it. Asked for {text[-40:]!r}, got {str(choice)[:120]}."
        )
    try:
        offsets, tokens, values = logprobs["text_offset"], logprobs["tokens"], logprobs["token_logprobs"]
        ends = [offset + len(token) for offset, token in zip(offsets, tokens, strict=True)]
        border = ends[-1] - len(candidate)
        chosen = [value for end, value in zip(ends, values, strict=True) if end > border]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BadAnswer(
            f"The server's log-probabilities have no usable tokens and offsets: {str(logprobs)[:120]}."
        ) from error
    return log_sum(chosen)

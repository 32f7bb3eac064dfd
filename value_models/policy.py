"""Proposals from any OpenAI-compatible server."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from .answers import choices, log_sum, usage
from .concurrency import together
from .errors import BadAnswer, NoImages, Refused, charged
from .prompts import chat_messages, plain_text
from .protocols import Prompt, Proposal, Proposals
from .transport import Json, ModelCard, Transport

Api = Literal["chat", "completion"]

# What a refusal of pictures speaks of; servers have no code for it.
_ABOUT_IMAGES = re.compile(r"image|multi-?modal|vision|content (type|part)", re.IGNORECASE)


class ServerPolicy:
    """A policy that asks a server for n samples of each prompt, one request a prompt.

    By chat, the prompt's system and user texts are messages; its prefix is a final assistant message that a vLLM
    continues, and part of the user message on other servers; its pictures are parts of the user message. By completion,
    the prompt is one plain text (`prompts.plain_text`), without pictures. A log-probability is the model's own, at
    temperature 1 and without top_p, whatever the sampling; it includes the tokens that ended the proposal.

    Args:
        client: the server.
        api: "chat" or "completion".
        logprobs: False for a server that refuses to give log-probabilities; they are then NaN.
    """

    def __init__(self, client: Transport, api: Api = "chat", *, logprobs: bool = True) -> None:
        if api not in ("chat", "completion"):
            raise ValueError(f"Unknown api {api!r}. Available: 'chat', 'completion'.")
        self._client = client
        self._api = api
        self._logprobs = logprobs

    async def propose(self, prompts: Sequence[Prompt], n: int) -> list[Proposals]:
        """Draws n proposals for each prompt.

        At temperature 0 all draws are one and the same: it is asked for once, paid for once and given n times.

        Raises:
            ValueError: n is below 1.
            NoImages: a prompt has pictures, and they are not taken.
            ModelError: the server could not answer.
        """
        if n < 1:
            raise ValueError(f"propose got n={n}; expected at least 1.")
        return await together([self._propose_one(prompt, n) for prompt in prompts])

    async def _propose_one(self, prompt: Prompt, n: int) -> Proposals:
        card = await self._client.model()
        greedy = prompt.sampling.temperature == 0.0
        draws = 1 if greedy else n
        body = self._body(prompt, draws, card)
        path = "/v1/chat/completions" if self._api == "chat" else "/v1/completions"
        try:
            answer = await self._client.post(path, body, prefix=prompt.system + prompt.user)
        except Refused as error:
            if prompt.images and _ABOUT_IMAGES.search(str(error)):
                raise NoImages(
                    f"Model {card.id!r} takes no pictures: {str(error).rstrip('.')}. Serve a model that sees, or leave "
                    "the pictures out (screenshots=False).",
                    error.status,
                ) from error
            raise
        paid = usage(answer)
        with charged(paid):
            items = tuple(self._proposal(choice) for choice in choices(answer, draws))
        if any(item.tokens < 0 for item in items):
            items = _split_tokens(items, paid.completion_tokens)
        return Proposals(items * n if greedy else items, paid, card.id)

    def _body(self, prompt: Prompt, n: int, card: ModelCard) -> Json:
        sampling = prompt.sampling
        body: Json = {
            "model": card.id,
            "n": n,
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
        }
        if sampling.stop:
            body["stop"] = list(sampling.stop)
        if sampling.seed is not None:
            body["seed"] = sampling.seed
        if self._api == "completion":
            if prompt.images:
                raise NoImages("Completion reads plain text alone, and the prompt has pictures; take api='chat'.", 400)
            body["prompt"] = plain_text(prompt)
            if self._logprobs:
                body["logprobs"] = 0 if card.is_vllm else 1
            return body
        body["messages"] = chat_messages(prompt, can_continue=card.is_vllm)
        if self._logprobs:
            body["logprobs"] = True
        if prompt.prefix and card.is_vllm:
            body["continue_final_message"] = True
            body["add_generation_prompt"] = False
        return body

    def _proposal(self, choice: dict[str, Any]) -> Proposal:
        try:
            text = choice["message"]["content"] if self._api == "chat" else choice["text"]
            logprobs = choice.get("logprobs") or {}
            if self._api == "chat":
                entries = logprobs.get("content")
                tokens = None if entries is None else [entry["logprob"] for entry in entries]
            else:
                tokens = logprobs.get("token_logprobs")
                tokens = None if tokens is None else list(tokens)
        except (KeyError, TypeError, AttributeError) as error:
            raise BadAnswer(f"The server's choice is not one of {self._api}: {str(choice)[:120]}.") from error
        if text is None:
            text = ""
        if not isinstance(text, str):
            raise BadAnswer(f"The server's choice has the text {text!r}; expected a string.")
        finish = str(choice.get("finish_reason"))
        if tokens is None:
            return Proposal(text, -1, math.nan, finish)
        return Proposal(text, len(tokens), log_sum(tokens), finish)


def _split_tokens(items: tuple[Proposal, ...], total: int) -> tuple[Proposal, ...]:
    """Token counts for proposals of a server that counts only their sum: as equal as integers allow."""
    each, more = divmod(total, len(items))
    return tuple(replace(item, tokens=each + (index < more)) for index, item in enumerate(items))

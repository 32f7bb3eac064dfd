"""One vLLM server, or several with the same model, as policy, ranker and value model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .client import Client
from .judge import Judge
from .load import ServerLoad
from .policy import Api, ServerPolicy
from .protocols import Evidence, Prompt, Proposals, Ranking, Score, ValueModel
from .ranking import TextRanker
from .scoring import LabelValue
from .several import SeveralServers
from .transport import Transport


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a server says of itself.

    Attributes:
        model: the model's id.
        max_model_len: tokens its context holds; None where the server does not say.
        version: the vLLM version; None for another kind of server.
    """

    model: str
    max_model_len: int | None
    version: str | None


class VLLM:
    """Policy, ranker and value model on one server, or on several with the same model.

    Any OpenAI-compatible server works for `propose` and for value="judge"; `rank` needs /v1/completions with echo,
    value="label" needs vLLM's /generative_scoring (seen in 0.32). It may be used from several event loops, one after
    the other; connections close with the event loop, or at `close()`.

    Args:
        url: the server's address, with or without "/v1"; several addresses, as a list or with commas between them,
            are servers of one model (see `treewright.value_models.several`). Or an engine in this process
            (`InProcess`); `model`, `api_key`, `timeout` and `retries` then have no meaning.
        model: the model's name; None takes the only one that the server has.
        api: how proposals are asked for: "chat" (the model's chat template) or "completion" (plain text).
        value: "label" is the probability of Yes against No in one forward pass; "judge" a number that the model
            writes as JSON, with its reason as feedback.
        logprobs: False for a server that refuses to give log-probabilities; a proposal's is then NaN.
        api_key: the server's key.
        timeout: seconds for one request, its waiting in the server's queue included.
        retries: how often a request is sent again after a lost connection, a 429 or a 5xx.

    Raises:
        ValueError: an address or option that is none.
    """

    def __init__(
        self,
        url: str | Sequence[str] | Transport = "http://localhost:8000/v1",
        model: str | None = None,
        *,
        api: Api = "chat",
        value: Literal["label", "judge"] = "label",
        logprobs: bool = True,
        api_key: str | None = None,
        timeout: float = 600.0,
        retries: int = 4,
    ) -> None:
        if value not in ("label", "judge"):
            raise ValueError(f"Unknown value method {value!r}. Available: 'label', 'judge'.")
        self._client = _transport(url, model, api_key, timeout, retries)
        # The number goes up when a prompt changes: an answer to another prompt is no answer to this one.
        self._method = f"{api} {value} 2{'' if logprobs else ' without log-probabilities'}"
        self._policy = ServerPolicy(self._client, api, logprobs=logprobs)
        self._ranker = TextRanker(self._client)
        self._value: ValueModel = LabelValue(self._client) if value == "label" else Judge(self._client)
        self.url = ",".join(f"{root}/v1" for root in self._client.root.split(","))

    async def identity(self) -> str:
        """Which model answers and how it is asked: what an answer depends on beside the request.

        Raises:
            ModelError: the server could not answer.
        """
        return f"{(await self._client.model()).id} {self._method}"

    @property
    def value_range(self) -> tuple[float, float]:
        """(0, 1): a probability, or a number of the judge's scale."""
        return self._value.value_range

    @property
    def max_batch(self) -> int:
        """States in one request: 64 by label, 1 by judge."""
        return self._value.max_batch

    async def propose(self, prompts: Sequence[Prompt], n: int) -> list[Proposals]:
        """Draws n proposals for each prompt, one request a prompt.

        Raises:
            ModelError: the server could not answer.
        """
        return await self._policy.propose(prompts, n)

    async def rank(self, prompts: Sequence[Prompt], candidates: Sequence[Sequence[str]]) -> list[Ranking]:
        """Log-probability of each candidate's text after its prompt's plain text, one request a prompt.

        Raises:
            ModelError: the server could not answer.
        """
        return await self._ranker.rank(prompts, candidates)

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Scores each item: all in one request by label, one request an item by judge.

        Raises:
            ModelError: the server could not answer.
        """
        return await self._value.score(evidence)

    async def describe(self) -> ServerInfo:
        """What the server says of itself; the cheapest way to find out whether it is there.

        Raises:
            ModelError: the server could not answer.
        """
        card = await self._client.model()
        return ServerInfo(card.id, card.max_model_len, await self._client.version())

    async def load(self) -> ServerLoad | None:
        """What the servers say of their load at /metrics, as one sum; None where they say nothing there.

        Raises:
            ModelError: no server could answer.
        """
        return await self._client.load()

    async def close(self) -> None:
        """Closes the connections of the running event loop; a later call opens new ones."""
        await self._client.close()


def judge() -> VLLM:
    """The judge at the default address: `value="judge"`, by its name."""
    return VLLM(value="judge")


def _transport(
    url: str | Sequence[str] | Transport, model: str | None, api_key: str | None, timeout: float, retries: int
) -> Transport:
    if not isinstance(url, str | Sequence):
        return url
    urls = [one.strip() for one in url.split(",")] if isinstance(url, str) else list(url)
    if len(urls) == 1:
        return Client(urls[0], model, api_key=api_key, timeout=timeout, retries=retries)
    members = [Client(one, model, api_key=api_key, timeout=timeout, retries=0) for one in urls]
    return SeveralServers(members, retries=retries)

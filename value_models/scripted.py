"""Fakes that ship: a policy and a value model that need no server and always answer alike.

They speak the same protocols as `VLLM`, count their calls, and can be slowed down, so a search can be tested
without a model:

    >>> import asyncio
    >>> from treewright.value_models import Prompt, ScriptedPolicy
    >>> policy = ScriptedPolicy({"2 + 2 =": ["4", "5"]})
    >>> answer = asyncio.run(policy.propose([Prompt("2 + 2 =")], n=2))[0]
    >>> [proposal.text for proposal in answer.items]
    ['4', '5']
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from .errors import BadAnswer, ModelError
from .protocols import Evidence, Prompt, Proposal, Proposals, Ranking, Score, Usage

Script = Mapping[str, Sequence[str]] | Callable[[Prompt], Sequence[str]]

_WORDS = ("first", "then", "so", "take", "add", "keep", "check", "done")


def uniform_hash(*parts: object) -> float:
    """A number in (0, 1) that depends on the parts alone: the same on every machine and in every process."""
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") + 0.5) / 2.0**64


def count_words(text: str) -> int:
    """The fakes' token count: words between white space, at least 1 for a text that is not empty."""
    return len(text.split()) or int(bool(text))


class ScriptedPolicy:
    """A deterministic policy and ranker.

    With a `script`, a prompt is answered by the texts that `script[prompt.user + prompt.prefix]` (a mapping) or
    `script(prompt)` (a callable) gives, the first n of them, from the start again when there are fewer. Without one,
    each sample is drawn from `texts` by a hash of (seed, prompt, sampling seed, sample index).

    Ranking: candidate c of K gets log(w_c / sum of w), where w_c = exp(sharpness * u_c) and u_c in (0, 1) is a hash
    of (seed, prompt, text); a script that is a callable or a mapping does not change that.

    Tokens are words. Attributes `calls`, `prompts_seen`, `most_in_flight` count what was asked.

    Args:
        script: prompt -> texts.
        texts: what to draw from where there is no script.
        seed: another seed is another policy.
        sharpness: how far apart ranked candidates lie; 0 is uniform.
        latency: seconds that each call takes.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        texts: Sequence[str] = _WORDS,
        seed: int = 0,
        sharpness: float = 2.0,
        latency: float = 0.0,
    ) -> None:
        if not texts:
            raise ValueError("ScriptedPolicy got an empty `texts`; give at least one text to draw from.")
        self._script = script
        self._texts = tuple(texts)
        self._seed = seed
        self._sharpness = sharpness
        self._latency = latency
        self._in_flight = 0
        self.model = f"scripted-{seed}"
        self.calls = 0
        self.prompts_seen = 0
        self.most_in_flight = 0

    async def propose(self, prompts: Sequence[Prompt], n: int) -> list[Proposals]:
        """Gives n texts for each prompt; log-probability -log(number of texts it was taken from).

        Raises:
            BadAnswer: the script has no text for a prompt.
        """
        await self._wait(len(prompts))
        return [self._propose_one(prompt, n) for prompt in prompts]

    async def rank(self, prompts: Sequence[Prompt], candidates: Sequence[Sequence[str]]) -> list[Ranking]:
        """Ranks each prompt's candidates by hash; their probabilities sum to 1."""
        await self._wait(len(prompts))
        return [self._rank_one(prompt, texts) for prompt, texts in zip(prompts, candidates, strict=True)]

    def _propose_one(self, prompt: Prompt, n: int) -> Proposals:
        key = prompt.user + prompt.prefix
        if self._script is None:
            limit = len(self._texts)
            parts = (self._seed, prompt.system, key, prompt.sampling.seed)
            chosen = [self._texts[int(uniform_hash(*parts, i) * limit)] for i in range(n)]
        else:
            given = self._lines(prompt, key)
            limit = len(given)
            chosen = [given[i % limit] for i in range(n)]
        items = tuple(Proposal(text, count_words(text), -math.log(limit), "stop") for text in chosen)
        usage = Usage(_prompt_words(prompt), 0, sum(item.tokens for item in items), 1)
        return Proposals(items, usage, self.model)

    def _lines(self, prompt: Prompt, key: str) -> Sequence[str]:
        if callable(self._script):
            texts = self._script(prompt)
        else:
            assert self._script is not None
            texts = self._script.get(key, ())
        if not texts:
            known = "" if callable(self._script) else f" It knows: {', '.join(map(repr, islice(self._script, 5)))}."
            raise BadAnswer(f"ScriptedPolicy has no text for the prompt {key!r}.{known}")
        return texts

    def _rank_one(self, prompt: Prompt, texts: Sequence[str]) -> Ranking:
        weights = [self._sharpness * uniform_hash(self._seed, prompt.user, prompt.prefix, text) for text in texts]
        total = math.log(math.fsum(map(math.exp, weights))) if weights else 0.0
        usage = Usage(_prompt_words(prompt) + sum(map(count_words, texts)), 0, 0, 1)
        return Ranking(tuple(weight - total for weight in weights), usage, self.model)

    async def _wait(self, prompts: int) -> None:
        self.calls += 1
        self.prompts_seen += prompts
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            await asyncio.sleep(self._latency)
        finally:
            self._in_flight -= 1


class ScriptedValue:
    """A deterministic value model: the value is `fn(evidence)`, or a hash of (seed, evidence) in (0, 1).

    Tokens are words. Attributes `calls` and `items_seen` count what was asked.

        >>> import asyncio
        >>> from treewright.value_models import Evidence, ScriptedValue
        >>> model = ScriptedValue(lambda evidence: 1.0 if "24" in evidence.state else 0.0)
        >>> asyncio.run(model.score([Evidence("make 24", "left: 24", "Done?")]))[0].value
        1.0

    Args:
        fn: evidence -> value.
        seed: another seed is another model.
        value_range: the range that `fn` keeps to; a value outside is an error.
        latency: seconds that each call takes.
    """

    def __init__(
        self,
        fn: Callable[[Evidence], float] | None = None,
        *,
        seed: int = 0,
        value_range: tuple[float, float] = (0.0, 1.0),
        latency: float = 0.0,
    ) -> None:
        self._fn = fn
        self._seed = seed
        self._range = value_range
        self._latency = latency
        self.model = f"scripted-{seed}"
        self.calls = 0
        self.items_seen = 0

    @property
    def value_range(self) -> tuple[float, float]:
        """Lowest and highest value, as given."""
        return self._range

    @property
    def max_batch(self) -> int:
        """64, as a server that scores many states in one request."""
        return 64

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Scores each item.

        Raises:
            ModelError: `fn` gave a value outside `value_range`.
        """
        self.calls += 1
        self.items_seen += len(evidence)
        await asyncio.sleep(self._latency)
        return [self._score_one(item) for item in evidence]

    def _score_one(self, item: Evidence) -> Score:
        low, high = self._range
        if self._fn is None:
            value = low + (high - low) * uniform_hash(self._seed, item.task, item.state, item.question)
        else:
            value = float(self._fn(item))
            if not low <= value <= high:
                raise ModelError(f"ScriptedValue's function gave {value} for {item!r}; expected {low} to {high}.")
        words = sum(map(count_words, (item.task, item.state, item.question)))
        return Score(value, Usage(words, 0, 0, 1), self.model)


def _prompt_words(prompt: Prompt) -> int:
    return sum(map(count_words, (prompt.system, prompt.user, prompt.prefix)))

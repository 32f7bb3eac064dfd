"""Values of reward models that vLLM serves at its pooling endpoints: of a whole, and of each step.

| model | served with | asked by |
|---|---|---|
| Skywork-Reward, and others of the SequenceClassification kind | `--runner pooling` | `RewardModel(url, chat=True)` |
| internlm2-reward | `--runner pooling --trust-remote-code` | `RewardModel(url, "pooling", chat=True, logistic=True)` |
| a cross-encoder or reranker | `--runner pooling` | `RewardModel(url, "score")` |
| Qwen2.5-Math-PRM | `--runner pooling` | `ProcessReward(url, QWEN_PRM)` |
| Math-Shepherd | `--runner pooling --pooler-config`, `MATH_SHEPHERD.pooler` | `ProcessReward(url, MATH_SHEPHERD)` |
| a head of `treewright train-value` | `--runner pooling --pooler-config`, `HEADED.pooler` | `ProcessReward(url)` |

Only the last was tried with a real server, vLLM 0.32; the others follow their models' cards. A server pools in one way:
one that gives a whole's score does not give those of steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

from .answers import in_order, share, usage
from .client import Client
from .concurrency import together
from .errors import BadAnswer, charged
from .prompts import label_text
from .protocols import Evidence, Score
from .quoting import unbroken
from .steps import HEADED, Reduction, StepForm, numbered, reduced, steps_of
from .transport import Json, Transport

SINCE = "vLLM 0.32, started with --runner pooling,"

DEFAULT_URL = "http://localhost:8000/v1"

Endpoint = Literal["classify", "pooling", "score"]


class RewardModel:
    """Scores a state as a whole by a reward model (outcome reward): one forward pass each, many in one request.

    The value is the model's probability of one class, as the endpoint gives it: the server applies the sigmoid (one
    class) or the softmax (several).

    Args:
        server: the pooling server, or its address.
        endpoint: "classify" gives a class's probability, "pooling" a bare reward, "score" that of a pair, the task
            beside the state.
        chat: True asks by the model's chat template, the task as the user's message and the state as the answer, one
            request a state; False asks by `prompts.label_text`. Without meaning for "score".
        label: the class that is good, of several.
        logistic: True where the server gives a reward on an open scale: value = 1 / (1 + exp(-reward)).
        max_items: most states in one request.
    """

    value_range = (0.0, 1.0)

    def __init__(
        self,
        server: str | Transport = DEFAULT_URL,
        endpoint: Endpoint = "classify",
        *,
        chat: bool = False,
        label: int = -1,
        logistic: bool = False,
        max_items: int = 256,
    ) -> None:
        if endpoint not in ("classify", "pooling", "score"):
            raise ValueError(f"Unknown endpoint {endpoint!r}. Available: 'classify', 'pooling', 'score'.")
        self._client = Client(server) if isinstance(server, str) else server
        self._endpoint = endpoint
        self._alone = endpoint == "score" or chat
        self._chat = chat
        self._label = label
        self._logistic = logistic
        self._max_items = 1 if self._alone else max_items
        self.max_batch = 1 if self._alone else 64

    async def identity(self) -> str:
        """Which model answers, and how it is asked."""
        how = f"{' chat' if self._chat else ''}{' logistic' if self._logistic else ''}"
        return f"{(await self._client.model()).id} {self._endpoint}{how} {self._label}"

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Scores each item; its usage is its part of the request's, by length of text.

        Raises:
            MissingEndpoint: the server does no such pooling.
            BadAnswer: not one finite number in [0, 1] for each item.
            ModelError: the server could not answer.
        """
        starts = range(0, len(evidence), self._max_items)
        parts = await together([self._part(evidence[start : start + self._max_items]) for start in starts])
        return [score for part in parts for score in part]

    async def _part(self, evidence: Sequence[Evidence]) -> list[Score]:
        card = await self._client.model()
        path = f"/{self._endpoint}"
        answer = await self._client.post(path, {"model": card.id, **self._asked(evidence)}, since=SINCE)
        paid = usage(answer)
        with charged(paid):
            values = [self._value(entry) for entry in entries(answer, len(evidence), path)]
        costs = share(paid, [len(label_text(item)) for item in evidence])
        return [Score(value, cost, f"{card.id} {self._endpoint}") for value, cost in zip(values, costs, strict=True)]

    def _asked(self, evidence: Sequence[Evidence]) -> Json:
        if self._endpoint == "score":
            return {"queries": unbroken(evidence[0].task), "documents": [unbroken(evidence[0].shown)]}
        if self._chat:
            return {"messages": chat_of(evidence[0].task, evidence[0].shown)}
        return {"input": [label_text(item) for item in evidence]}

    def _value(self, entry: Json) -> float:
        found: Any = entry.get({"classify": "probs", "pooling": "data", "score": "score"}[self._endpoint])
        numbers = found if isinstance(found, list) else [found]
        while numbers and isinstance(numbers[0], list):  # a reward of each token: the last one's is the whole's
            numbers = numbers[-1]
        try:
            number = float(numbers[self._label])
        except (IndexError, TypeError, ValueError):
            raise BadAnswer(
                f"/{self._endpoint} gave {str(found)[:80]}; expected a number of class {self._label}."
            ) from None
        if self._logistic and math.isfinite(number):
            number = 1.0 / (1.0 + math.exp(-min(max(number, -700.0), 700.0)))
        return checked(number)


class ProcessReward:
    """Scores each step of a state by a process reward model, and the state by a reduction of them.

    The state's steps are its lines, unless `split` says otherwise. `parts` has the score of each step.

    Args:
        server: the pooling server, or its address.
        form: how the model is shown steps, and where it answers.
        reduce: "last", "min" (Lightman et al. 2023 use the product; Wang et al. 2024, Math-Shepherd, the minimum),
            "product" or "mean".
        split: the steps of a piece of evidence; by default the lines of its state that are not empty, and the question
            as the only step of one without a state.
    """

    value_range = (0.0, 1.0)
    max_batch = 1

    def __init__(
        self,
        server: str | Transport = DEFAULT_URL,
        form: StepForm = HEADED,
        reduce: Reduction = "last",
        split: Callable[[Evidence], Sequence[str]] | None = None,
    ) -> None:
        reduced([1.0], reduce)  # an unknown name is an error now
        self._client = Client(server) if isinstance(server, str) else server
        self._form = form
        self._reduce: Reduction = reduce
        self._split = split or steps_of

    async def identity(self) -> str | None:
        """Which model answers, and how it is asked; None where `split` is the caller's own, which has no name."""
        if self._split is not steps_of:
            return None
        return f"{(await self._client.model()).id} steps {self._form} {self._reduce}"

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Scores each item, one request an item; an item without steps is an error.

        Raises:
            MissingEndpoint: the server does no such pooling.
            BadAnswer: the server's steps are not as many as the steps given, or no probabilities.
            ModelError: the server could not answer.
        """
        return await together([self._score_one(item) for item in evidence])

    async def _score_one(self, item: Evidence) -> Score:
        steps = self._split(item)
        if not steps:
            raise BadAnswer(f"a state without steps cannot be scored by its steps: {item!r}")
        card = await self._client.model()
        body = {"model": card.id, "task": "token_classify", **self._form.request(item.task, steps)}
        answer = await self._client.post("/pooling", body, since=SINCE)
        paid = usage(answer)
        with charged(paid):
            values = self._values(answer, len(steps), card.id)
        return Score(reduced(values, self._reduce), paid, f"{card.id} steps {self._reduce}", parts=numbered(values))

    def _values(self, answer: Json, expected: int, model: str) -> list[float]:
        (entry,) = entries(answer, 1, "/pooling")
        found = entry.get("data")
        if not isinstance(found, list) or len(found) != expected:
            count = len(found) if isinstance(found, list) else "no"
            asked = f" Was the server started with --pooler-config '{self._form.pooler}'?" if self._form.pooler else ""
            raise BadAnswer(
                f"{model} scored {count} steps; {expected} were given, each ended by {self._form.separator!r}.{asked}"
            )
        return [self._value(numbers) for numbers in found]

    def _value(self, numbers: Any) -> float:
        try:
            return checked(float(numbers[self._form.label] if isinstance(numbers, list) else numbers))
        except (IndexError, TypeError, ValueError):
            raise BadAnswer(
                f"/pooling gave {str(numbers)[:80]} for a step; expected a probability of class {self._form.label}."
            ) from None


def chat_of(task: str, answer: str) -> list[dict[str, str]]:
    """A task and an answer as the two messages that a reward model reads, without control tokens of their own."""
    return [{"role": "user", "content": unbroken(task)}, {"role": "assistant", "content": unbroken(answer)}]


def entries(answer: Json, expected: int, path: str) -> list[Json]:
    """The entries of a pooling answer in the order of their index.

    Raises:
        BadAnswer: there are none, or not as many as expected.
    """
    found = answer.get("data")
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise BadAnswer(f"{path} answered without data: {str(answer)[:120]}.")
    if len(found) != expected:
        raise BadAnswer(f"{path} gave {len(found)} entries for {expected} items.")
    return in_order(found)


def checked(value: float) -> float:
    """The value itself.

    Raises:
        BadAnswer: it is no number in [0, 1].
    """
    if not 0.0 <= value <= 1.0:
        raise BadAnswer(
            f"the reward model gave {value}; expected 0 to 1. For a reward on an open scale give logistic=True."
        )
    return value

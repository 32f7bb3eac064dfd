"""How a process reward model is shown the steps of an answer, and what becomes of their scores."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .errors import ModelError
from .protocols import Evidence
from .quoting import unbroken
from .transport import Json

Reduction = Literal["last", "min", "product", "mean"]
REDUCTIONS: tuple[Reduction, ...] = ("last", "min", "product", "mean")


@dataclass(frozen=True, slots=True)
class StepForm:
    """Where the steps stand in a request, and where the model answers to each.

    Attributes:
        name: of the form.
        tag: the control text at whose token the model answers; broken where a step has it in its own text.
        separator: what ends each step; holds the tag.
        label: the class that is good, where the model has several.
        chat: by the model's chat template, the steps as the answer; else as plain text.
        system: the system's message, by chat.
        joint: stands between task and first step, in plain text.
        between: stands between two steps.
        pooler: what vLLM's --pooler-config must be; "" where the model brings its own.
    """

    name: str
    tag: str
    separator: str
    label: int
    chat: bool = False
    system: str = ""
    joint: str = " "
    between: str = ""
    pooler: str = ""

    def text(self, task: str, steps: Sequence[str]) -> str:
        """Task and steps as plain text; it ends with the last step's separator."""
        return f"{self._plain(task)}{self.joint if task else ''}{self._shown(steps)}"

    def request(self, task: str, steps: Sequence[str]) -> Json:
        """The body that shows the steps."""
        if not self.chat:
            return {"input": [self.text(task, steps)]}
        said = [("system", self.system), ("user", self._plain(task)), ("assistant", self._shown(steps))]
        return {"messages": [{"role": role, "content": content} for role, content in said if content]}

    def _shown(self, steps: Sequence[str]) -> str:
        return self.between.join(f"{self._plain(step)}{self.separator}" for step in steps)

    def _plain(self, text: str) -> str:
        return unbroken(text).replace(self.tag, f"{self.tag[:1]} {self.tag[1:]}")


QWEN_PRM = StepForm(
    "qwen2.5-math-prm",
    tag="<extra_0>",
    separator="<extra_0>",
    label=1,
    chat=True,
    system="Please reason step by step, and put your final answer within \\boxed{}.",
)
_SHEPHERD_POOLER = {"tok_pooling_type": "STEP", "step_tag_id": 12902, "returned_token_ids": [648, 387]}
MATH_SHEPHERD = StepForm(
    "math-shepherd",
    tag="ки",
    separator=" ки",
    label=0,
    between="\n",
    pooler=json.dumps({"task": "token_classify", **_SHEPHERD_POOLER}),
)
SMALL_MODEL_TAG = "<file_sep>", 5  # of SmolLM2's reserved tokens, with its number


def headed(tag: str, number: int) -> StepForm:
    """The form of the heads that are trained here; `number` is the tag's token."""
    pooler = {"task": "token_classify", "tok_pooling_type": "STEP", "step_tag_id": number}
    return StepForm("headed", tag, f"\nAnswer:{tag}", 0, joint="\n", between="\n", pooler=json.dumps(pooler))


HEADED = headed(*SMALL_MODEL_TAG)


def steps_of(item: Evidence) -> list[str]:
    """The lines of a state that are not empty; the question, where there is no state, is the only step."""
    lines = [line for line in item.state.splitlines() if line.strip()]
    return lines or ([item.question] if item.question else [])


def reduced(values: Sequence[float], reduce: Reduction) -> float:
    """One value of a state's step scores: the last, the least, their product, or their mean.

    Of 0.5, 0.8 these are 0.8, 0.5, 0.4 and 0.65.

    Raises:
        ModelError: no such reduction.
    """
    if reduce == "last":
        return values[-1]
    if reduce == "min":
        return min(values)
    if reduce == "product":
        return math.prod(values)
    if reduce == "mean":
        return math.fsum(values) / len(values)
    raise ModelError(f"Unknown reduction {reduce!r}. Available: {', '.join(REDUCTIONS)}.")


STEP = "step "


def numbered(values: Sequence[float]) -> dict[str, float]:
    """The scores by the names of their steps: "step 1", "step 2", ..."""
    return {f"{STEP}{number}": value for number, value in enumerate(values, 1)}

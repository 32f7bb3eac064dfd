"""Values as a number that the model writes, with its reason as feedback."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .concurrency import together
from .errors import BadAnswer
from .protocols import Evidence, Policy, Prompt, Sampling, Score, Usage

INSTRUCTION = (
    "You judge unfinished work. The user shows a task, the work so far and a question about it. "
    "Answer with a number from 0 (certainly not) to 10 (certainly), then one short sentence that says why."
)
PREFIX = "Score (0-10):"

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_OUT_OF_TEN = re.compile(r"\s*(?:/|out of)\s*10\b")
_SEPARATORS = " \t\n.,:;-*)"


class Judge:
    """Scores states by asking a policy's model for a number from 0 to 10: value = number / 10, feedback = the rest.

    The instruction is the system's, the evidence the user's, and the answer begins with "Score (0-10):". The first try
    is greedy; an answer without a number from 0 to 10 is asked for again with sampling, then it is an error, never 0.

    Args:
        policy: who writes the judgement.
        max_tokens: limit on the number and the reason.
        tries: most requests for one item, at least 1.
    """

    value_range = (0.0, 1.0)
    max_batch = 1

    def __init__(self, policy: Policy, *, max_tokens: int = 48, tries: int = 3) -> None:
        if tries < 1:
            raise ValueError(f"Judge got tries={tries}; expected at least 1.")
        self._policy = policy
        self._max_tokens = max_tokens
        self._tries = tries

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Scores each item, one request an item and try; the usage is that of all tries.

        Raises:
            BadAnswer: no try gave a number from 0 to 10.
            ModelError: the policy could not answer.
        """
        return await together([self._score_one(item) for item in evidence])

    async def _score_one(self, item: Evidence) -> Score:
        user = "\n\n".join(
            f"{title}:\n{text}"
            for title, text in (("Task", item.task), ("Work so far", item.state), ("Question", item.question))
            if text
        )
        paid = Usage()
        texts = []
        for attempt in range(self._tries):
            sampling = Sampling(self._max_tokens, temperature=0.0 if attempt == 0 else 1.0, seed=attempt)
            (answer,) = await self._policy.propose([Prompt(user, INSTRUCTION, PREFIX, sampling)], 1)
            paid += answer.usage
            text = answer.items[0].text
            parsed = read_judgement(text)
            if parsed is not None:
                value, feedback = parsed
                return Score(value, paid, f"{answer.model} judge", feedback=feedback)
            texts.append(text[:60])
        error = BadAnswer(f"The judge gave no number from 0 to 10 in {self._tries} tries; it wrote {texts}.")
        error.usage = paid
        raise error


def read_judgement(text: str) -> tuple[float, str | None] | None:
    """Value and feedback of a judge's answer: its first number / 10, and what stands after it.

    "7/10. The sum is right." is (0.7, "The sum is right."). None where there is no number, or it is not in [0, 10].
    """
    found = _NUMBER.search(text.removeprefix(PREFIX))
    if found is None or not 0.0 <= float(found[0]) <= 10.0:
        return None
    rest = text.removeprefix(PREFIX)[found.end() :]
    if of_ten := _OUT_OF_TEN.match(rest):
        rest = rest[of_ten.end() :]
    return float(found[0]) / 10.0, rest.strip().lstrip(_SEPARATORS) or None

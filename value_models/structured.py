"""Answers in the form of a JSON schema, which the server enforces while it writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from .answers import choices, usage
from .errors import BadAnswer, charged
from .prompts import Message
from .protocols import Usage
from .transport import Json, Transport

T = TypeVar("T")

GREEDY = 0.0


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked for, and how.

    Attributes:
        name: of the schema.
        schema: a JSON schema of an object; by structured output, as OpenAI's API and vLLM have it.
        max_tokens: limit on one answer; an answer that is cut is none.
        tries: most requests until all samples are there, at least 1.
    """

    name: str
    schema: Json
    max_tokens: int
    tries: int = 3

    def __post_init__(self) -> None:
        if self.tries < 1:
            raise ValueError(f"tries is a number of requests and at least 1, not {self.tries}")


async def ask(
    client: Transport,
    messages: Sequence[Message],
    form: Form,
    read: Callable[[Json], T],
    samples: int,
    temperature: float,
) -> tuple[list[T], Usage, str]:
    """So many samples of one answer, each read; what they cost together; and who answered.

    One sample is greedy at its first try. A sample that is no JSON object, or of which `read` raises, is asked for
    again with sampling.

    Args:
        client: the server.
        messages: the request.
        form: the schema.
        read: makes an answer of the object; KeyError, TypeError and ValueError say that it is none.
        samples: answers wanted, at least 1.
        temperature: of the draw, where it is not greedy.

    Raises:
        BadAnswer: some samples were not to be had in `form.tries` requests; its `usage` is what they cost.
        ModelError: the server could not answer.
    """
    card = await client.model()
    found: list[T] = []
    refused: list[str] = []
    paid = Usage()
    for attempt in range(form.tries):
        missing = samples - len(found)
        body = {
            "model": card.id,
            "messages": list(messages),
            "n": missing,
            "max_tokens": form.max_tokens,
            "temperature": GREEDY if samples == 1 and attempt == 0 else temperature,
            "seed": attempt,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": form.name, "schema": form.schema, "strict": True},
            },
        }
        with charged(paid + Usage(calls=1)):
            answer = await client.post("/v1/chat/completions", body, prefix=messages[0]["content"])
            cost = usage(answer)
        paid += cost
        with charged(paid):
            drawn = choices(answer, missing)
        for choice in drawn:
            text = str((choice.get("message") or {}).get("content"))
            try:
                found.append(read(json.loads(text)))
            except (KeyError, TypeError, ValueError, RecursionError):
                refused.append(text[:80])
        if len(found) == samples:
            return found, paid, card.id
    error = BadAnswer(
        f"{card.id} gave {len(found)} of {samples} answers in the form {form.name!r} in {form.tries} requests; "
        f"it wrote {refused[:3]}. Expected JSON with {', '.join(form.schema['required'])}: does the server enforce "
        "response_format json_schema?",
        final=True,
    )
    error.usage = paid
    raise error

"""What a server's answer says: its errors by kind, its usage, its log-probabilities."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from .errors import BadAnswer, ModelError, PromptTooLong, Refused, WrongPath
from .protocols import Usage

_CONTEXT = re.compile(r"maximum context length is (\d+)")
_GIVEN = re.compile(r"(?:contains at least|contains|requested|resulted in|has) (\d+) (?:input )?tokens")


def failure(status: int, answer: bytes, url: str) -> ModelError:
    """The error that a 3xx or 4xx answer stands for."""
    message = _message(answer)
    if status in (404, 405):
        return WrongPath(
            f"{url} answers HTTP {status}: no OpenAI-compatible API there. Expected an address such as http://host:8000/v1."
        )
    if context := _CONTEXT.search(message):
        given = _GIVEN.search(message)
        return PromptTooLong(
            f"{url}: the prompt does not fit the model's context. The server says: {message}",
            int(given[1]) if given else None,
            int(context[1]),
        )
    if status in (401, 403):
        return Refused(f"{url} answers HTTP {status}: give the server's key with api_key=... ({message})", status)
    return Refused(f"{url} refused the request, HTTP {status}: {message}", status)


def is_about_model(status: int, answer: bytes) -> bool:
    """Whether a 404 means the model and not the path: vLLM's words are "The model `x` does not exist."."""
    message = _message(answer).lower()
    return status == 404 and "model" in message and ("not exist" in message or "not found" in message)


def retry_after(header: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date; None where there is none to be read."""
    if header is None:
        return None
    try:
        if header.strip().isdecimal():
            return float(header)
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def usage(answer: dict[str, Any]) -> Usage:
    """The tokens of one answer, as the server counted them; one call.

    Raises:
        BadAnswer: there is no count.
    """
    try:
        counted = answer["usage"]
        details = counted.get("prompt_tokens_details") or {}
        return Usage(
            int(counted["prompt_tokens"]),
            int(details.get("cached_tokens") or 0),
            int(counted.get("completion_tokens") or 0),
            1,
        )
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise BadAnswer(f"The server's answer has no token counts: usage is {answer.get('usage')!r}.") from error


def share(whole: Usage, weights: Sequence[int]) -> list[Usage]:
    """Splits the usage of one request among its items, in proportion to `weights`; the parts add up to the whole.

    The call is counted on the first item.
    """
    if not any(weights):
        weights = [1] * len(weights)
    total = sum(weights)
    parts = []
    done = Usage()
    reached = 0
    for index, weight in enumerate(weights):
        reached += weight
        now = Usage(
            whole.prompt_tokens * reached // total,
            whole.cached_tokens * reached // total,
            whole.completion_tokens * reached // total,
        )
        parts.append(
            Usage(
                now.prompt_tokens - done.prompt_tokens,
                now.cached_tokens - done.cached_tokens,
                now.completion_tokens - done.completion_tokens,
                whole.calls if index == 0 else 0,
            )
        )
        done = now
    return parts


def choices(answer: dict[str, Any], expected: int) -> list[dict[str, Any]]:
    """The answer's choices in the order of their index.

    Raises:
        BadAnswer: there are none, or not as many as expected.
    """
    found = answer.get("choices")
    if not isinstance(found, list) or not all(isinstance(choice, dict) for choice in found):
        raise BadAnswer(f"The server's answer has no choices: {str(answer)[:120]}.")
    if len(found) != expected:
        raise BadAnswer(f"The server answered with {len(found)} choices; {expected} were asked for.")
    return in_order(found)


def in_order(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries of an answer by their `index`; as they are where they have none.

    Raises:
        BadAnswer: an index is no number.
    """
    for entry in entries:
        if not isinstance(entry.get("index", 0), int):
            raise BadAnswer(f"The server's answer has an entry of index {entry['index']!r}: {str(entry)[:120]}.")
    return sorted(entries, key=lambda entry: int(entry.get("index", 0)))


def log_sum(logprobs: Sequence[Any]) -> float:
    """The sum of tokens' natural-log probabilities.

    Raises:
        BadAnswer: one is missing, NaN or infinite.
    """
    total = 0.0
    for logprob in logprobs:
        if not isinstance(logprob, int | float) or not math.isfinite(logprob):
            raise BadAnswer(f"The server gave the log-probability {logprob} for a token; expected a finite number.")
        total += logprob
    return min(total, 0.0)


def _message(answer: bytes) -> str:
    try:
        parsed = json.loads(answer)
    except ValueError:
        return answer[:200].decode(errors="replace")
    error = parsed.get("error", parsed) if isinstance(parsed, dict) else parsed
    message = error.get("message", error) if isinstance(error, dict) else error
    return str(message)[:500]

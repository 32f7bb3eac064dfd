"""Whether a failed model call is worth another try."""

from __future__ import annotations

import asyncio
from time import monotonic

from ..value_models.errors import BadAnswer, ModelError, ServerBusy, ServerUnreachable

ATTEMPTS = 3  # at an answer that is no answer
LONGEST = 10.0  # seconds between two tries


class Patience:
    """Waits for a server that is away.

    An answer that is none is asked for again, three times in all; one for which the model itself was asked often enough
    (`BadAnswer.final`) is not. A server that answered before and then is away or busy, beyond the client's own retries,
    is tried again until it has not answered anybody for `seconds`. One that never answered is not waited for.

    Args:
        seconds: how long.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last: float | None = None

    def answered(self) -> None:
        """Notes that the server has answered."""
        self._last = monotonic()

    async def again(self, error: ModelError, attempt: int) -> bool:
        """Whether to try again after the given number of tries; waits before it says yes."""
        if isinstance(error, BadAnswer):
            return not error.final and attempt < ATTEMPTS
        if not isinstance(error, ServerUnreachable | ServerBusy) or self._last is None:
            return False
        if monotonic() - self._last > self._seconds:
            return False
        await asyncio.sleep(min(0.25 * 2.0 ** min(attempt, 8), LONGEST, self._seconds))
        return True

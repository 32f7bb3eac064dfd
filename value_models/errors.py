"""What can go wrong between a search and its models.

Every error is a `ModelError`, so one `except` is enough for a caller who only wants to fail the node:

    ModelError
    ├── ServerUnreachable     nothing answers at the address
    ├── ServerBusy            429 or 5xx until the retries were used up
    ├── WrongPath             something answers, but not with the API asked for
    │   └── MissingEndpoint   the API is there, this endpoint is not
    ├── UnknownModel          the server does not have the named model
    ├── PromptTooLong         more tokens than the model's context holds
    ├── Refused               the server found the request invalid, or the key wrong
    │   └── NoImages          the model, or the way it is asked, takes no pictures
    ├── BadAnswer             an answer that is no answer: garbage, too few choices, NaN
    ├── RequestLate           a search gave the request up past its deadline
    ├── WrongHead             a trained head that is none, or another model's
    └── SetupFailed           a local model or server could not be set up

The same names are used by the fakes and wrappers, so a test can raise what a real server would cause.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches

from .protocols import Usage


class ModelError(Exception):
    """A model could not answer; the message says which server, what was asked and what was expected.

    Attributes:
        usage: what the failed call cost all the same, where that is known.
    """

    usage: Usage | None = None


@contextmanager
def charged(usage: Usage) -> Iterator[None]:
    """Adds what an answer cost to the error that the block raises, so that it is paid for although it is none."""
    try:
        yield
    except ModelError as error:
        error.usage = usage + (error.usage or Usage())
        raise


class ServerUnreachable(ModelError):
    """No server answers at the address, or it went away and stayed away while the retries lasted."""


class ServerBusy(ModelError):
    """The server answered 429 or 5xx each time until the retries were used up.

    Attributes:
        status: the last HTTP status.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class WrongPath(ModelError):
    """The address answers, but there is no OpenAI-compatible API under it (404, 405, a web page)."""


class MissingEndpoint(WrongPath):
    """The server lacks an endpoint that a method needs; the message names it and a vLLM version that has it."""


class UnknownModel(ModelError):
    """The server does not serve the named model.

    Attributes:
        given: the name asked for, None where none was named and the server has several.
        available: the names that the server lists.
    """

    def __init__(self, url: str, given: str | None, available: Sequence[str]) -> None:
        self.given = given
        self.available = tuple(available)
        names = ", ".join(self.available) or "none"
        if given is None:
            message = f"{url} serves {len(self.available)} models; name one with model=...: {names}."
        else:
            near = get_close_matches(given, self.available, n=1, cutoff=0.4)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            message = f"{url} has no model '{given}'.{hint} Available: {names}."
        super().__init__(message)


class PromptTooLong(ModelError):
    """The prompt, with the tokens asked for, does not fit the model's context.

    Attributes:
        given: tokens of the prompt, None where the server does not say.
        context: tokens the model's context holds, None where the server does not say.
    """

    def __init__(self, message: str, given: int | None = None, context: int | None = None) -> None:
        super().__init__(message)
        self.given = given
        self.context = context


class Refused(ModelError):
    """The server refused the request as invalid (other 4xx) or for its key (401, 403); a retry would not help.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class NoImages(Refused):
    """A prompt has pictures, and the server's model, or plain-text completion, takes none."""


class BadAnswer(ModelError):
    """The server answered 200, but not with an answer: broken JSON, missing fields, wrong n, a NaN log-probability.

    Attributes:
        final: the model wrote no answer as often as it was asked for one: to ask once more is of no use.
    """

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


class RequestLate(ModelError):
    """The search gave the request up: it was past its deadline, or among the slowest few per cent."""


class WrongHead(ModelError):
    """A trained head that cannot be used: absent, damaged, of another model or of another dimension."""


class SetupFailed(ModelError):
    """A local model or server could not be set up; the message says what is missing or shows the log's last lines."""

"""How requests reach a model: over HTTP to one server, to several behind one name, or to an engine in this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from .load import ServerLoad

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model as the server lists it.

    Attributes:
        id: its name in requests.
        max_model_len: tokens its context holds; None where the server does not say.
        is_vllm: the server is a vLLM: it continues a final assistant message and has vLLM's own endpoints.
    """

    id: str
    max_model_len: int | None
    is_vllm: bool


class Transport(Protocol):
    """Takes requests in the form of the OpenAI API and of vLLM's own endpoints.

    Attributes:
        root: what is asked, for messages: an address without "/v1".
    """

    root: str

    async def model(self) -> ModelCard:
        """The model that requests go to; asked of the server once.

        Raises:
            ModelError: there is no server, or no such model.
        """
        ...

    async def post(self, path: str, body: Json, *, since: str = "", prefix: str = "") -> Json:
        """Sends a JSON object and gives the JSON object that answers it.

        Args:
            path: from the server's root, as "/v1/completions".
            body: the request.
            since: a server version that has this endpoint, for the message where it is missing.
            prefix: how the prompt begins; requests that begin alike are best sent to the same server. "" goes anywhere.

        Raises:
            ModelError: the leaf of the tree in errors.py that fits.
        """
        ...

    async def version(self) -> str | None:
        """The vLLM version; None for another kind of server."""
        ...

    async def load(self) -> ServerLoad | None:
        """What the server says of its load; None for a server that does not say.

        Raises:
            ModelError: the server could not answer.
        """
        ...

    async def close(self) -> None:
        """Gives back what the running event loop holds; a later request opens it anew."""
        ...

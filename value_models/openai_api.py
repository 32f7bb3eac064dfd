"""The OpenAI-compatible API and vLLM's own endpoints, whatever carries the requests."""

from __future__ import annotations

import json

import msgspec

from .answers import failure, is_about_model
from .concurrency import LoopLock
from .errors import BadAnswer, MissingEndpoint, UnknownModel, WrongPath
from .load import ServerLoad, read_load
from .transport import Json, ModelCard


class OpenAIApi:
    """What is asked of one server, and what its answers mean; a subclass carries the requests.

    Args:
        root: what is asked, for messages and paths: an address without "/v1".
        model: the model to use; None takes the only one that the server has.
    """

    def __init__(self, root: str, model: str | None) -> None:
        self.root = root
        self._asked_model = model
        self._card: ModelCard | None = None
        self._discovery = LoopLock()

    async def send(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Carries one request; gives status and body of the answer, whatever they are.

        Raises:
            ServerUnreachable, ServerBusy: there is no answer to give.
        """
        raise NotImplementedError

    async def model(self) -> ModelCard:
        """The model that requests go to; asked of the server once.

        Raises:
            UnknownModel: the server lacks the named model, or has several and none was named.
            WrongPath: what answers has no OpenAI-compatible API.
        """
        if self._card is None:
            async with self._discovery():
                if self._card is None:
                    self._card = await self._discover()
        return self._card

    async def post(self, path: str, body: Json, *, since: str = "", prefix: str = "") -> Json:  # noqa: ARG002
        """Sends a JSON object and gives the JSON object that answers it.

        Args:
            path: from the server's root, as "/v1/completions".
            body: the request.
            since: a server version that has this endpoint, for the message where it is missing.
            prefix: how the prompt begins; of no use with one server.

        Raises:
            ModelError: the leaf of the tree in errors.py that fits.
        """
        status, answer = await self.send("POST", path, _encoded(body))
        if status == 200:
            return _object(answer, self.root + path)
        if is_about_model(status, answer):
            raise UnknownModel(self.root, str(body.get("model")), [card.id for card in await self._list()])
        error = failure(status, answer, self.root + path)
        if isinstance(error, WrongPath):
            raise MissingEndpoint(
                f"{self.root} has no endpoint {path} (HTTP {status})."
                + (f" {since} has it; use such a server, or a method that does not need it." if since else "")
            )
        raise error

    async def version(self) -> str | None:
        """The vLLM version of the server; None for another kind of server."""
        status, answer = await self.send("GET", "/version")
        if status != 200:
            return None
        version = _object(answer, self.root + "/version").get("version")
        return version if isinstance(version, str) else None

    async def load(self) -> ServerLoad | None:
        """What the server says of its load at /metrics; None where it says nothing there.

        Raises:
            ServerUnreachable, ServerBusy: the server could not answer.
        """
        status, page = await self.send("GET", "/metrics")
        return read_load(page.decode(errors="replace")) if status == 200 else None

    async def _list(self) -> list[ModelCard]:
        url = self.root + "/v1/models"
        status, answer = await self.send("GET", "/v1/models")
        if status != 200:
            raise failure(status, answer, url)
        try:
            entries = json.loads(answer)["data"]
            return [
                ModelCard(str(entry["id"]), entry.get("max_model_len"), entry.get("owned_by") == "vllm")
                for entry in entries
            ]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise WrongPath(
                f"{url} answers, but not with a list of models: {answer[:80].decode(errors='replace')!r}. "
                "Is this the address of an OpenAI-compatible server?"
            ) from error

    async def _discover(self) -> ModelCard:
        cards = await self._list()
        for card in cards:
            if card.id == self._asked_model or (self._asked_model is None and len(cards) == 1):
                return card
        raise UnknownModel(self.root, self._asked_model, [card.id for card in cards])


def _encoded(body: Json) -> bytes:
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        return json.dumps(body).encode()  # escaped, so that half of a surrogate pair can be sent


def _object(answer: bytes, url: str) -> Json:
    try:
        try:
            parsed = msgspec.json.decode(answer)
        except ValueError:
            parsed = json.loads(answer)  # NaN and Infinity, which are no JSON, are told as what they are further up
    except ValueError as error:
        raise BadAnswer(f"{url} answered with broken JSON: {answer[:80].decode(errors='replace')!r}.") from error
    if not isinstance(parsed, dict):
        raise BadAnswer(f"{url} answered with a JSON {type(parsed).__name__}; expected an object.")
    return parsed

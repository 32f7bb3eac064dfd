"""HTTP to one model server: a connection an event loop, bounded retries, errors that teach."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp

from .answers import failure, is_about_model, retry_after
from .errors import BadAnswer, MissingEndpoint, ModelError, ServerBusy, ServerUnreachable, UnknownModel, WrongPath

RETRIED = frozenset({429, 500, 502, 503, 504})
LONGEST_WAIT = 60.0

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


@dataclass(slots=True)
class _Connection:
    session: aiohttp.ClientSession
    lifetime: AsyncGenerator[None, None]
    discovery: asyncio.Lock = field(default_factory=asyncio.Lock)


class Client:
    """Requests to one server, from any number of event loops, one after the other or side by side.

    Connections are kept alive and not limited in number: whoever sends the requests bounds them. They close when the
    event loop that made them shuts down, or at `close()`.

    Args:
        url: the server's address, with or without "/v1" at its end.
        model: the model to use; None takes the only one that the server has.
        api_key: sent as a bearer token.
        timeout: seconds for one request, its waiting in the server's queue included.
        retries: how often a request is sent again after a lost connection, a 429 or a 5xx.
        backoff: seconds before the first retry, doubled each time, cut by up to half at random; a server's
            Retry-After takes precedence, up to 60 s.

    Raises:
        ValueError: the address is not http(s)://host[:port][/path].
    """

    def __init__(
        self,
        url: str,
        model: str | None = None,
        *,
        api_key: str | None = None,
        timeout: float = 600.0,
        retries: int = 4,
        backoff: float = 0.25,
    ) -> None:
        root = url.rstrip("/").removesuffix("/v1")
        if not root.startswith(("http://", "https://")) or root.endswith(("/completions", "/models")):
            raise ValueError(
                f"Model server address {url!r}: expected http(s)://host:port/v1, as http://localhost:8000/v1."
            )
        self.root = root
        self._asked_model = model
        self._headers = {"Content-Type": "application/json"}
        if api_key is not None:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=10.0)
        self._retries = retries
        self._backoff = backoff
        self._connections: WeakKeyDictionary[asyncio.AbstractEventLoop, _Connection] = WeakKeyDictionary()
        self._card: ModelCard | None = None

    async def model(self) -> ModelCard:
        """The model that requests go to; asked of the server once.

        Raises:
            UnknownModel: the server lacks the named model, or has several and none was named.
            WrongPath: what answers has no OpenAI-compatible API.
        """
        if self._card is None:
            connection = await self._connect()
            async with connection.discovery:
                if self._card is None:
                    self._card = await self._discover()
        return self._card

    async def post(self, path: str, body: Json, *, since: str = "") -> Json:
        """Sends a JSON object and gives the JSON object that answers it.

        Args:
            path: from the server's root, as "/v1/completions".
            body: the request.
            since: a server version that has this endpoint, for the message where it is missing.

        Raises:
            ModelError: the leaf of the tree in errors.py that fits.
        """
        status, answer = await self._send("POST", path, json.dumps(body).encode())
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
        status, answer = await self._send("GET", "/version")
        if status != 200:
            return None
        version = _object(answer, self.root + "/version").get("version")
        return version if isinstance(version, str) else None

    async def close(self) -> None:
        """Closes the connections of the running event loop; a later request opens new ones."""
        connection = self._connections.pop(asyncio.get_running_loop(), None)
        if connection is not None:
            await connection.lifetime.aclose()

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        connection = self._connections.get(loop)
        if connection is None:
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30.0),
                headers=self._headers,
                timeout=self._timeout,
            )
            # A suspended asynchronous generator is closed by the event loop when it shuts down, so a caller of
            # asyncio.run who never calls close() leaves no open socket.
            connection = _Connection(session, _closing(session))
            self._connections[loop] = connection
            await anext(connection.lifetime)
        return connection

    async def _send(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        session = (await self._connect()).session
        url = self.root + path
        failed: ModelError
        for attempt in range(self._retries + 1):
            wait = self._backoff * 2.0**attempt * random.uniform(0.5, 1.0)
            try:
                async with session.request(method, url, data=body) as response:
                    answer = await response.read()
                    if response.status not in RETRIED:
                        return response.status, answer
                    wait = min(retry_after(response.headers.get("Retry-After")) or wait, LONGEST_WAIT)
                    said = answer[:200].decode(errors="replace")
                    failed = ServerBusy(
                        f"{url} answered HTTP {response.status} {attempt + 1} times: {said}", response.status
                    )
            except aiohttp.ClientConnectorError as error:
                failed = ServerUnreachable(f"No server answers at {url}: {error}. Is it running (treewright serve)?")
            except TimeoutError:
                failed = ServerUnreachable(f"{url} gave no answer within {self._timeout.total} s.")
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as error:
                failed = ServerUnreachable(f"{url} broke the connection off: {type(error).__name__}: {error}.")
            if attempt < self._retries:
                await asyncio.sleep(wait)
        raise failed

    async def _list(self) -> list[ModelCard]:
        url = self.root + "/v1/models"
        status, answer = await self._send("GET", "/v1/models")
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


async def _closing(session: aiohttp.ClientSession) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await session.close()


def _object(answer: bytes, url: str) -> Json:
    try:
        parsed = json.loads(answer)
    except ValueError as error:
        raise BadAnswer(f"{url} answered with broken JSON: {answer[:80].decode(errors='replace')!r}.") from error
    if not isinstance(parsed, dict):
        raise BadAnswer(f"{url} answered with a JSON {type(parsed).__name__}; expected an object.")
    return parsed

"""HTTP to one model server: a connection an event loop, bounded retries."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import aiohttp

from .answers import retry_after
from .errors import ModelError, ServerBusy, ServerUnreachable
from .openai_api import OpenAIApi

RETRIED = frozenset({429, 500, 502, 503, 504})
LONGEST_WAIT = 60.0


@dataclass(slots=True)
class _Connection:
    session: aiohttp.ClientSession
    lifetime: AsyncGenerator[None, None]


class Client(OpenAIApi):
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
        super().__init__(root, model)
        self._headers = {"Content-Type": "application/json"}
        if api_key is not None:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=10.0)
        self._retries = retries
        self._backoff = backoff
        self._connections: WeakKeyDictionary[asyncio.AbstractEventLoop, _Connection] = WeakKeyDictionary()

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
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                timeout=self._timeout,
            )
            # A suspended asynchronous generator is closed by the event loop when it shuts down, so a caller of
            # asyncio.run who never calls close() leaves no open socket.
            connection = _Connection(session, _closing(session))
            self._connections[loop] = connection
            await anext(connection.lifetime)
        return connection

    async def send(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Carries one request, again after a lost connection, a 429 or a 5xx; gives status and body of the answer.

        Raises:
            ServerUnreachable, ServerBusy: the retries are used up.
        """
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


async def _closing(session: aiohttp.ClientSession) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await session.close()

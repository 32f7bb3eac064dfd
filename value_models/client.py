"""HTTP to one model server: a connection an event loop, bounded retries."""

from __future__ import annotations

import asyncio
import random
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from .answers import retry_after
from .connections import BrokenOff, Connections, NoHttp, NotConnected
from .errors import ModelError, ServerBusy, ServerUnreachable, WrongPath
from .openai_api import OpenAIApi

RETRIED = frozenset({429, 500, 502, 503, 504})
LONGEST_WAIT = 60.0


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
        if not _is_address(root) or root.endswith(("/completions", "/models")):
            raise ValueError(
                f"Model server address {url!r}: expected http(s)://host:port/v1, as http://localhost:8000/v1."
            )
        super().__init__(root, model)
        self._address = urlsplit(root)
        self._headers = {"Content-Type": "application/json"}
        if api_key is not None:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._timeout = timeout
        self._retries = retries
        self._backoff = backoff
        self._connections: WeakKeyDictionary[asyncio.AbstractEventLoop, Connections] = WeakKeyDictionary()

    async def close(self) -> None:
        """Closes the connections of the running event loop; a later request opens new ones."""
        connections = self._connections.pop(asyncio.get_running_loop(), None)
        if connections is not None:
            await connections.close()

    async def _connected(self) -> Connections:
        loop = asyncio.get_running_loop()
        connections = self._connections.get(loop)
        if connections is None:
            connections = self._connections[loop] = Connections(self._address, self._headers)
            await connections.close_with_loop()
        return connections

    async def send(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Carries one request, again after a lost connection, a 429 or a 5xx; gives status and body of the answer.

        Raises:
            ServerUnreachable, ServerBusy: the retries are used up.
            WrongPath: the server redirects, which is not followed, or what answers does not speak HTTP.
        """
        connections = await self._connected()
        url = self.root + path
        failed: ModelError
        for attempt in range(self._retries + 1):
            wait = self._backoff * 2.0**attempt * random.uniform(0.5, 1.0)
            try:
                async with asyncio.timeout(self._timeout):
                    response = await connections.request(method, self._address.path + path, body)
            except NotConnected as error:
                failed = ServerUnreachable(f"No server answers at {url}: {error}. Is it running (treewright serve)?")
            except TimeoutError:
                failed = ServerUnreachable(f"{url} gave no answer within {self._timeout} s.")
            except NoHttp as error:
                raise WrongPath(f"{url}: what answers there is no HTTP server: {error}") from error
            except BrokenOff as error:
                failed = ServerUnreachable(f"{url} broke the connection off: {error}.")
            else:
                if 300 <= response.status < 400:
                    raise WrongPath(f"{url} redirects to {response.header('Location')}; give the address that answers.")
                if response.status not in RETRIED:
                    return response.status, response.body
                wait = min(retry_after(response.header("Retry-After")) or wait, LONGEST_WAIT)
                said = response.body[:200].decode(errors="replace")
                failed = ServerBusy(
                    f"{url} answered HTTP {response.status} {attempt + 1} times: {said}", response.status
                )
            if attempt < self._retries:
                await asyncio.sleep(wait)
        raise failed


def _is_address(text: str) -> bool:
    try:
        address = urlsplit(text)
        return address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0 and " " not in text
    except ValueError:  # a port that is none
        return False

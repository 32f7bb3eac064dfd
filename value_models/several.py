"""Several servers behind one name: requests go by prefix, then by load, and leave a server that is lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from time import monotonic
from typing import TypeVar

from .errors import ModelError, ServerBusy, ServerUnreachable
from .load import ServerLoad, together_load
from .transport import Json, ModelCard, Transport

T = TypeVar("T")

AWAY = 2.0  # seconds before a lost server is asked again; doubled each time that it is still lost
LONGEST_AWAY = 60.0
OVERLOAD = 1.25  # a server takes this many times the mean load before its prefixes go elsewhere
SLACK = 4  # requests that a server may always have more than that


@dataclass(slots=True, eq=False)
class _Member:
    transport: Transport
    in_flight: int = 0
    losses: int = 0
    back_at: float = 0.0


class SeveralServers:
    """Servers of one and the same model.

    Each prefix has an order of the servers, by rendezvous hashing: the first that is there and whose load is at most
    1.25 times the mean (and 4) gets the request, so that a task's requests find their prefix in one server's cache, and
    a server that comes or goes moves only its own share. Requests without a prefix go to the least loaded. A request
    that loses its server, or finds it busy, moves to the next one at once; a lost server is asked again after 2 s, then
    4 s and so on up to a minute, and at once where no other is left.

    Args:
        members: one transport a server, without retries of their own.
        retries: how often a request that no server took goes round again.
        backoff: seconds before the first such round, doubled each time, cut by up to half at random.
        clock: seconds, for tests.

    Raises:
        ValueError: no server.
    """

    def __init__(
        self,
        members: Sequence[Transport],
        *,
        retries: int = 4,
        backoff: float = 0.25,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        if not members:
            raise ValueError("SeveralServers got no server; give at least one.")
        self._members = [_Member(member) for member in members]
        self._retries = retries
        self._backoff = backoff
        self._clock = clock
        self._card: ModelCard | None = None
        self.root = ",".join(member.root for member in members)

    async def model(self) -> ModelCard:
        """The model that the first server to answer lists; asked once. The others must have it under the same name.

        Raises:
            ModelError: no server answers, or one lacks the model.
        """
        if self._card is None:
            self._card = await self._on_some("", lambda transport: transport.model())
        return self._card

    async def post(self, path: str, body: Json, *, since: str = "", prefix: str = "") -> Json:
        """Sends a request to the server that its prefix and the load choose.

        Raises:
            ServerUnreachable, ServerBusy: no server took it; the last one's error.
            ModelError: a server answered, with something else.
        """
        return await self._on_some(prefix, lambda transport: transport.post(path, body, since=since))

    async def version(self) -> str | None:
        """The vLLM version of the first server that answers."""
        return await self._on_some("", lambda transport: transport.version())

    async def load(self) -> ServerLoad | None:
        """The load of the servers that answer, as one.

        Raises:
            ModelError: none of them answers.
        """
        asked = [member.transport.load() for member in self._members]
        loads = await asyncio.gather(*asked, return_exceptions=True)
        errors = [load for load in loads if isinstance(load, BaseException)]
        if len(errors) == len(loads):
            raise errors[0]
        return together_load(load for load in loads if not isinstance(load, BaseException))

    async def close(self) -> None:
        """Closes the connections of the running event loop."""
        for member in self._members:
            await member.transport.close()

    async def _on_some(self, prefix: str, ask: Callable[[Transport], Awaitable[T]]) -> T:
        failed: ModelError | None = None
        for attempt in range(self._retries + 1):
            if attempt:
                await asyncio.sleep(self._backoff * 2.0 ** (attempt - 1) * random.uniform(0.5, 1.0))
            tried: set[_Member] = set()
            while len(tried) < len(self._members):
                member = self._choose(prefix, tried)
                tried.add(member)
                member.in_flight += 1
                try:
                    answer = await ask(member.transport)
                except ServerBusy as error:
                    failed = error
                except ServerUnreachable as error:
                    failed = error
                    self._lose(member)
                else:
                    member.losses = 0
                    return answer
                finally:
                    member.in_flight -= 1
        assert failed is not None
        raise failed

    def _choose(self, prefix: str, tried: set[_Member]) -> _Member:
        """The server for a prefix among those not tried; those that are away come last."""
        now = self._clock()
        left = [member for member in self._members if member not in tried]
        there = [member for member in left if member.back_at <= now]
        if not there:
            return min(left, key=lambda member: member.back_at)
        if not prefix:
            return min(there, key=lambda member: member.in_flight)
        most = OVERLOAD * sum(member.in_flight for member in there) / len(there) + SLACK
        free = [member for member in there if member.in_flight < most]
        return max(free, key=lambda member: _weight(prefix, member.transport.root))

    def _lose(self, member: _Member) -> None:
        """Stays away from a server for a while; many requests that lose it at one moment count once."""
        now = self._clock()
        if member.back_at <= now:
            member.back_at = now + min(AWAY * 2.0**member.losses, LONGEST_AWAY)
            member.losses += 1


def _weight(prefix: str, root: str) -> bytes:
    return blake2b(f"{root}\0{prefix}".encode(errors="surrogatepass"), digest_size=8).digest()

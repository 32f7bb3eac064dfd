"""Model servers started through Ray: one vLLM an actor, on whichever node has room for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ray
from ray.exceptions import RayError

from ...search.errors import SearchError
from ...value_models.serving import Server

STOPPING = 30.0  # seconds that servers get to end


class _Replica:
    def __init__(self, model: str | None, arguments: Sequence[str]) -> None:
        self._server = Server(model, host=_own_address(), arguments=arguments)

    def start(self) -> str:
        """Starts the server; its address, as other nodes reach it."""
        self._server.start()
        return self._server.url

    def stop(self) -> None:
        """Stops the server."""
        self._server.stop()


def _own_address() -> str:
    address: str = ray.util.get_node_ip_address()  # type: ignore[no-untyped-call]
    return address


@contextmanager
def replicas(
    count: int, *, model: str | None = None, gpus: float = 1.0, cpus: float = 1.0, arguments: Sequence[str] = ()
) -> Iterator[list[str]]:
    """Servers of one model for a `with` block, in which a Ray cluster is connected; gives their addresses.

    A server ends with its actor, and so with its node and with the process that started it.

    Args:
        count: how many.
        model: a model's name or a directory that every node has; None is the small model.
        gpus, cpus: that Ray reserves for each.
        arguments: more arguments for vLLM.

    Raises:
        SearchError: one of them did not start; the message has the end of its log.
    """
    kind: Any = ray.remote(_Replica).options(num_cpus=cpus, num_gpus=gpus, scheduling_strategy="SPREAD")
    actors = [kind.remote(model, tuple(arguments)) for _ in range(count)]
    try:
        try:
            urls: list[str] = ray.get([actor.start.remote() for actor in actors])
        except RayError as error:
            raise SearchError(f"a model server did not start: {error}") from error
        yield urls
    finally:
        ray.wait([actor.stop.remote() for actor in actors], num_returns=count, timeout=STOPPING)
        for actor in actors:
            ray.kill(actor)

"""What a vLLM server says of its own load at /metrics."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SAMPLE = re.compile(r"^vllm:(\w+?)(?:_total)?(?:\{[^}]*\})? (\S+)", re.MULTILINE)
_GAUGES = {"num_requests_running": "running", "num_requests_waiting": "waiting"}
_COUNTERS = {"prefix_cache_queries": "prefix_queries", "prefix_cache_hits": "prefix_hits"}


@dataclass(frozen=True, slots=True)
class ServerLoad:
    """One look at a server, or at several together.

    Attributes:
        running: sequences that it works on; a request for n proposals is n of them.
        waiting: sequences in its queue.
        kv_use: share of the KV cache in use, in [0, 1]; of several servers, the largest.
        prefix_queries: prompt tokens looked up in the prefix cache since the server started.
        prefix_hits: those of them that were found.
    """

    running: float = 0.0
    waiting: float = 0.0
    kv_use: float = 0.0
    prefix_queries: float = 0.0
    prefix_hits: float = 0.0

    def hit_rate(self, before: ServerLoad) -> float | None:
        """Prefix-cache hits per token looked up since an earlier look; None where nothing was looked up."""
        looked_up = self.prefix_queries - before.prefix_queries
        return (self.prefix_hits - before.prefix_hits) / looked_up if looked_up > 0 else None


def read_load(metrics: str) -> ServerLoad | None:
    """The load in a /metrics page; None where it has none of vLLM's. A server of several engines is one sum."""
    found = dict.fromkeys((*_GAUGES.values(), *_COUNTERS.values(), "kv_use"), 0.0)
    seen = False
    for name, value in _SAMPLE.findall(metrics):
        if name == "kv_cache_usage_perc":
            found["kv_use"] = max(found["kv_use"], float(value))
        elif field := _GAUGES.get(name) or _COUNTERS.get(name):
            found[field] += float(value)
            seen = True
    return ServerLoad(**found) if seen else None


def together_load(loads: Iterable[ServerLoad | None]) -> ServerLoad | None:
    """The load of several servers as one; None where none of them tells its own."""
    told = [load for load in loads if load is not None]
    if not told:
        return None
    return ServerLoad(
        sum(load.running for load in told),
        sum(load.waiting for load in told),
        max(load.kv_use for load in told),
        sum(load.prefix_queries for load in told),
        sum(load.prefix_hits for load in told),
    )

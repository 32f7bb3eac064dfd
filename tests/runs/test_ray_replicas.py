"""A real model server started through Ray, and gone with its actor."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from treewright.runs.distributed import Cluster
from treewright.search import Budget, solve
from treewright.value_models import VLLM

ray = pytest.importorskip("ray", reason="needs Ray: pip install treewright[ray]")

pytestmark = [getattr(pytest.mark, name) for name in ("deep", "ray", "server", "slow")]
pytestmark += [pytest.mark.filterwarnings("default")]


def test_a_replica_serves_and_ends() -> None:
    from treewright.runs.distributed.on_ray import connected
    from treewright.runs.distributed.replicas import replicas

    with connected(Cluster()), replicas(1, gpus=0, cpus=1) as urls:
        (url,) = urls
        result = solve(
            "Use 4, 7, 8, 8 and + - * / to make 24.", domain="game24", policy=VLLM(url), budget=Budget(expansions=2)
        )
        assert result.cost.policy_tokens > 0
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url.replace("/v1", "/health"), timeout=5)

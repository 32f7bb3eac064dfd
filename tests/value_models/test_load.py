"""Reading /metrics."""

from __future__ import annotations

import pytest
from aiohttp import web

from treewright.value_models import VLLM, Prompt, Sampling, ServerLoad
from treewright.value_models.load import read_load, together_load

PAGE = """\
# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 3.0
vllm:num_requests_running{engine="1",model_name="m"} 4.0
vllm:num_requests_waiting{engine="0",model_name="m"} 2.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="m",reason="capacity"} 9.0
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25
vllm:kv_cache_usage_perc{engine="1",model_name="m"} 0.5
vllm:prefix_cache_queries_total{engine="0",model_name="m"} 1.2e+03
vllm:prefix_cache_queries_created{engine="0",model_name="m"} 1.7e+09
vllm:prefix_cache_hits_total{engine="0",model_name="m"} 300.0
process_resident_memory_bytes 1.0
"""


def test_the_page_of_a_server_with_two_engines():
    assert read_load(PAGE) == ServerLoad(7, 2, 0.5, 1200, 300)
    assert read_load("process_resident_memory_bytes 1.0\n") is None


def test_the_hit_rate_is_that_since_the_earlier_look():
    assert (
        ServerLoad(prefix_queries=300, prefix_hits=80).hit_rate(ServerLoad(prefix_queries=100, prefix_hits=30)) == 0.25
    )
    assert ServerLoad().hit_rate(ServerLoad()) is None


def test_several_servers_are_one_sum():
    loads = [ServerLoad(3, 1, 0.2, 10, 5), None, ServerLoad(4, 0, 0.6, 20, 5)]
    assert together_load(loads) == ServerLoad(7, 1, 0.6, 30, 10)
    assert together_load([None]) is None


async def test_a_model_tells_its_servers_load(stub):
    stub.pages["/metrics"] = lambda: web.Response(text=PAGE)
    model = VLLM(stub.url)
    assert await model.load() == ServerLoad(7, 2, 0.5, 1200, 300)
    stub.pages.clear()
    assert await model.load() is None
    await model.close()


@pytest.mark.server
async def test_a_real_server_tells_its_load(server_url):
    model = VLLM(server_url)
    before = await model.load()
    assert before is not None
    prompt = "Count the boxes in the shop. " * 20
    for _ in range(2):
        await model.propose([Prompt(prompt, sampling=Sampling(4))], 1)
    after = await model.load()
    assert after is not None
    rate = after.hit_rate(before)
    assert rate is not None
    assert 0.3 < rate < 1.0
    await model.close()

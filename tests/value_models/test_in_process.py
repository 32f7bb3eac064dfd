"""The engine in this process: its hand-over to an application, and the real one."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import textwrap

import pytest

from treewright.value_models import VLLM, InProcess
from treewright.value_models.environment import find_build
from treewright.value_models.errors import ServerUnreachable, SetupFailed
from treewright.value_models.in_process import _asgi


async def test_a_request_reaches_an_application_and_its_answer_comes_back():
    seen = []

    async def app(scope, receive, send):
        message = await receive()
        seen.append((scope["method"], scope["path"], json.loads(message["body"]), message["more_body"]))
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b'{"a":', "more_body": True})
        await send({"type": "http.response.body", "body": b" 1}"})

    assert await _asgi(app, "POST", "/v1/completions", b'{"n": 2}') == (201, b'{"a": 1}')
    assert seen == [("POST", "/v1/completions", {"n": 2}, False)]


async def test_an_application_that_waits_for_the_client_to_leave_is_not_told_so_early():
    async def app(scope, receive, send):
        await receive()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), 0.02)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    assert await _asgi(app, "GET", "/health", b"") == (200, b"")


async def test_an_engine_that_is_not_running_says_so():
    with pytest.raises(ServerUnreachable, match="use it in a with block"):
        await VLLM(InProcess("some-model")).describe()


def test_without_a_vllm_it_cannot_start(monkeypatch):
    def none():
        raise SetupFailed("No vLLM is installed here.")

    monkeypatch.setattr("treewright.value_models.in_process.find_build", none)
    with pytest.raises(SetupFailed, match="No vLLM"):
        InProcess("some-model").start()


def test_it_imports_no_vllm_before_it_starts():
    code = "import sys; from treewright.value_models import VLLM, InProcess; VLLM(InProcess('m'))"
    code += "; print('vllm' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    shown = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"


SCRIPT = """
    import asyncio, sys
    from treewright.search import Budget, mcts, solve
    from treewright.value_models import VLLM, Evidence, InProcess, Prompt, Sampling

    if __name__ == "__main__":
        with InProcess() as engine:
            model = VLLM(engine)
            print("model", asyncio.run(model.describe()))
            prompt = Prompt("Count to five.", "Be short.", "1 2", Sampling(8, 0.0, seed=1))
            (answer,) = asyncio.run(model.propose([prompt], 2))
            print("answer", answer.items[0].tokens, answer.items[0].logprob < 0, answer.usage.prompt_tokens > 8)
            (score,) = asyncio.run(model.score([Evidence("Make 4.", "2 2", "Possible?")]))
            print("score", 0 <= score.value <= 1)
            load = asyncio.run(model.load())
            print("load", load.prefix_queries > 0)
            result = solve("Use 4, 7, 8, 8 and + - * / to make 24.", domain="game24", policy=model, recipe=mcts(),
                           budget=Budget(expansions=4))
            print("solve", result.cost.expansions, len(result.tree.nodes) > 10)
        print("stopped")
"""


@pytest.mark.deep
@pytest.mark.server
@pytest.mark.slow
def test_the_real_engine(tmp_path):
    try:
        find_build()
    except SetupFailed as error:
        pytest.skip(str(error))
    script = tmp_path / "job.py"
    script.write_text(textwrap.dedent(SCRIPT))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=400)
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line}
    assert done.returncode == 0, done.stderr[-2000:]
    assert "smollm2" in lines["model"]
    assert re.fullmatch(r"answer [1-8] True True", lines["answer"])
    assert (lines["score"], lines["load"]) == ("score True", "load True")
    assert lines["solve"] == "solve 4 True"
    assert "stopped" in lines

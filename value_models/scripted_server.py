"""A model server whose answers are scripted: the OpenAI-compatible face of the fakes in `scripted`.

`python -m treewright.value_models.scripted_server --port 8001` serves it in the foreground. It speaks as a vLLM does,
as far as `VLLM` asks (chat, echoed completions, /generative_scoring, /tokenize), always answers alike, and writes down
each request that it answered, so that a test in another process can check what was paid for.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from .scripted import count_words, uniform_hash

MODEL = "scripted"
CONTEXT = 32_768

Json = dict[str, Any]


class ScriptedServer:
    """Answers each request by a hash of it.

    Args:
        texts: what proposals are drawn from.
        latency: most seconds that an answer takes; how many it is, is a hash of the request.
        log: a file that gets one line for each request answered, as JSON: its path, digest and tokens, and the digests
            of the texts to score and of the pictures in it.
    """

    def __init__(self, texts: Sequence[str], *, latency: float = 0.0, log: Path | None = None) -> None:
        self._texts = tuple(texts)
        self._latency = latency
        self._log = log
        self._used = {"prompt_tokens": 0, "generation_tokens": 0, "requests": 0}

    def app(self) -> web.Application:
        """The server as an application of aiohttp."""
        app = web.Application(client_max_size=2**26)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/metrics", self._metrics)
        for path in ("/v1/chat/completions", "/v1/completions", "/generative_scoring"):
            app.router.add_post(path, self._answered)
        app.router.add_post("/tokenize", self._tokenize)
        return app

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": MODEL, "owned_by": "vllm", "max_model_len": CONTEXT}]})

    async def _metrics(self, _: web.Request) -> web.Response:
        lines = (f'vllm:{name}_total{{model_name="{MODEL}"}} {count}\n' for name, count in self._used.items())
        return web.Response(text="".join(lines))

    async def _tokenize(self, request: web.Request) -> web.Response:
        text = (await request.json())["prompt"]
        return web.json_response({"count": count_words(text), "tokens": [len(text)]})

    async def _answered(self, request: web.Request) -> web.Response:
        body = await request.json()
        digest = hashlib.blake2b(json.dumps(body, sort_keys=True).encode(), digest_size=12).hexdigest()
        await asyncio.sleep(self._latency * uniform_hash("latency", digest))
        if request.path == "/v1/chat/completions":
            answer = self._chat(body)
        elif request.path == "/v1/completions":
            answer = self._echo(body)
        else:
            answer = self._scores(body)
        self._note(request.path, digest, body, answer["usage"])
        return web.json_response(answer)

    def _chat(self, body: Json) -> Json:
        said = "\n".join(part for message in body["messages"] for part in _texts(message["content"]))
        choices, drawn = [], 0
        for index in range(body.get("n", 1)):
            drawn_at = uniform_hash(said, body.get("seed"), index)
            text = self._texts[int(drawn_at * len(self._texts))]
            if "response_format" in body:
                text = json.dumps(_filled(body["response_format"]["json_schema"]["schema"], drawn_at, text))
            words = text.split() or [text]
            drawn += len(words)
            logprob = -math.log(len(self._texts)) / len(words)
            choices.append(
                {
                    "index": index,
                    "message": {"role": "assistant", "content": text},
                    "logprobs": {"content": [{"token": word, "logprob": logprob} for word in words]},
                    "finish_reason": "stop",
                }
            )
        return {"choices": choices, "usage": _usage(count_words(said), drawn)}

    def _echo(self, body: Json) -> Json:
        choices = []
        for index, text in enumerate(body["prompt"]):
            ends = [i + 1 for i, letter in enumerate(text) if letter == " "] + [len(text)]
            starts = [0, *ends[:-1]]
            logprobs = {
                "text_offset": starts,
                "tokens": [text[a:b] for a, b in zip(starts, ends, strict=True)],
                "token_logprobs": [-3.0 * uniform_hash(text[:b]) for b in ends],
            }
            choices.append({"index": index, "text": text, "logprobs": logprobs, "finish_reason": "length"})
        return {"choices": choices, "usage": _usage(sum(map(count_words, body["prompt"])), 0)}

    def _scores(self, body: Json) -> Json:
        data = [{"index": i, "score": uniform_hash("score", text)} for i, text in enumerate(body["items"])]
        return {"data": data, "usage": _usage(sum(map(count_words, body["items"])), 0)}

    def _note(self, path: str, digest: str, body: Json, usage: Json) -> None:
        self._used["requests"] += 1
        self._used["prompt_tokens"] += usage["prompt_tokens"]
        self._used["generation_tokens"] += usage["completion_tokens"]
        if self._log is not None:
            noted = {"path": path, "digest": digest, "items": _digests(body.get("items", ())), "usage": usage}
            if images := _digests(_images(body)):
                noted["images"] = images
            with self._log.open("a") as log:
                log.write(json.dumps(noted) + "\n")


def _filled(schema: Json, drawn_at: float, text: str) -> Json:
    """An object of a schema whose properties are texts and choices."""
    return {
        name: part["enum"][int(drawn_at * len(part["enum"]))] if "enum" in part else text
        for name, part in schema["properties"].items()
    }


def _texts(content: str | list[Json]) -> list[str]:
    """What a message says, without its pictures."""
    return [content] if isinstance(content, str) else [part["text"] for part in content if part["type"] == "text"]


def _images(body: Json) -> list[str]:
    """The addresses of the pictures in a request."""
    parts = [part for said in body.get("messages", ()) if isinstance(said["content"], list) for part in said["content"]]
    return [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]


def _digests(texts: Iterable[str]) -> list[str]:
    return [hashlib.blake2b(text.encode(), digest_size=12).hexdigest() for text in texts]


def _usage(prompt: int, completion: int) -> Json:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def main() -> None:
    """Serves until it is stopped; prints its address once it listens."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--texts", nargs="+", default=["first", "then", "so", "take", "add", "keep", "check", "done"])
    parser.add_argument("--latency", type=float, default=0.0, help="most seconds that an answer takes")
    parser.add_argument("--log", type=Path, help="a file that gets a line for each request answered")
    args = parser.parse_args()
    server = ScriptedServer(args.texts, latency=args.latency, log=args.log)
    web.run_app(server.app(), host=args.host, port=args.port, print=lambda text: print(text, flush=True))


if __name__ == "__main__":
    main()

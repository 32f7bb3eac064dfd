"""The viewer's routes: a page of its own files, and a run's tasks, trees and nodes as JSON."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from ...search import RunReader
from ..album import outline, picture
from .access import Guarded
from .trees import Trees

STATIC = Path(__file__).with_name("static")
_SHORT = 300  # characters of a task's text in the list


def make_app(directory: Path, token: str | None = None) -> ASGIApp:
    """The viewer of one run; it only reads.

    Args:
        directory: the run's, which may go on meanwhile.
        token: what each request must have; None where only this machine can reach the viewer.

    Raises:
        JournalError: no run is there.
    """
    reader = RunReader(directory)
    trees = Trees(reader)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=STATIC))

    @app.get("/")
    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    @app.get("/api/run")
    def run() -> Response:
        meta = reader.meta()
        named = {"name": directory.resolve().name, "recipe": (meta.get("recipe") or {}).get("name")}
        facts = {name: meta.get(name) for name in ("domain", "budget", "policy", "value", "value_range", "seed")}
        return _json(named | facts | {"extent": reader.extent(), "tasks": len(trees.rows())})

    @app.get("/api/extent")
    def extent() -> Response:
        return _json(reader.extent())

    @app.get("/api/tasks")
    def tasks() -> Response:
        return _json([_listed(number, row) for number, row in enumerate(trees.rows())])

    @app.get("/api/tasks/{number}")
    def task(number: int) -> Response:
        row = _row(trees, number)
        return _json(_listed(number, row) | {"text": row["text"]})

    @app.get("/api/tasks/{number}/tree")
    def tree(number: int) -> Response:
        return _json(trees.tree(_row(trees, number)))

    @app.get("/api/tasks/{number}/life")
    def life(number: int) -> Response:
        return _json(trees.life(_row(trees, number)))

    @app.get("/api/tasks/{number}/find")
    def find(number: int, text: str) -> Response:
        return _json(trees.find(_row(trees, number), text))

    @app.get("/api/tasks/{number}/nodes/{node}")
    def node(number: int, node: int) -> Response:
        found = trees.node(_row(trees, number), node)
        if found is None:
            raise HTTPException(404, f"task {number} has no node {node}")
        found["page"] = outline(directory, number, node) or found["page"]
        return _json(found | {"picture": picture(directory, number, node) is not None})

    @app.get("/api/tasks/{number}/pictures/{node}")
    def shot(number: int, node: int) -> FileResponse:
        file = picture(directory, number, node)
        if file is None:
            raise HTTPException(404, f"no picture of node {node} of task {number} was kept")
        return FileResponse(file, media_type="image/png")

    return Guarded(app, token)


def _row(trees: Trees, number: int) -> dict[str, Any]:
    rows = trees.rows()
    if not 0 <= number < len(rows):
        raise HTTPException(404, f"the run has {len(rows)} tasks, numbered from 0; there is no task {number}")
    return rows[number]


def _listed(number: int, row: dict[str, Any]) -> dict[str, Any]:
    cost, text = row["cost"], row["text"]
    tokens = None if cost is None else cost.policy_tokens + cost.value_tokens
    return row | {
        "number": number,
        "text": text if len(text) <= _SHORT else text[: _SHORT - 1] + "…",
        "cost": None if cost is None else asdict(cost) | {"tokens": tokens},
        "correct": None if row["correct"] is None else bool(row["correct"]),
    }


def _json(data: Any) -> Response:
    return Response(msgspec.json.encode(data), media_type="application/json")

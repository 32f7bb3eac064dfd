"""`python -m webshop_site --port 8800`: the shop for a browser, an agent or a look round."""

from __future__ import annotations

import argparse
import signal
import tempfile
from pathlib import Path

from .server import running
from .tasks import shop_tasks


def main() -> None:
    """Serves until interrupted, or lists the tasks."""
    parser = argparse.ArgumentParser(prog="webshop_site", description="A small shop with 40 tasks, for web agents.")
    parser.add_argument("--port", type=int, default=8800)
    parser.add_argument("--host", default="127.0.0.1", help="where it listens")
    parser.add_argument("--seed", type=int, default=0, help="another seed sells other things; the tasks are seed 0's")
    parser.add_argument("--slow", type=float, default=2.0, help="seconds that the stock page takes")
    parser.add_argument("--tasks", action="store_true", help="list the tasks and end")
    given = parser.parse_args()
    if given.tasks:
        for task in shop_tasks():
            print(f"{task.id}  level {task.level}  {task.text}")
        return
    with (
        tempfile.TemporaryDirectory(prefix="webshop-") as folder,
        running(Path(folder), seed=given.seed, port=given.port, host=given.host, slow_seconds=given.slow) as shop,
    ):
        print(f"The shop is open at {shop.url}; Ctrl-C closes it.", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()

"""A process that plays one job and is gone: for walls that a command puts up, one run each."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from . import examiner, player, walls
from .seccomp import Filter
from .wire import Stream


def main() -> None:
    """Starts from a JSON object in argv.

    It holds `mode`, `limits`, `others` (see `walls.limit`), `work` (the directory to work in) and `closed` (whether
    there is more to give up).
    """
    config: dict[str, Any] = json.loads(sys.argv[1])
    sys.path[:] = [path for path in sys.path if path not in ("", sys.argv[2])]
    for name in [name for name in sys.modules if name.partition(".")[0] == __package__]:
        del sys.modules[name]
    sys.argv[:] = [player.FILE]
    reading, writing = os.dup2(0, 3, inheritable=False), 3
    empty = os.open("/dev/null", os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    if config["mode"] != "run":  # standard output is the stream, and the program's own goes where errors go
        writing = os.dup2(1, 4, inheritable=False)
        os.dup2(2, 1)
    os.makedirs(config["work"], exist_ok=True)
    os.chdir(config["work"])
    os.environ.update(HOME=config["work"], TMPDIR=config["work"], PYTHONDONTWRITEBYTECODE="1")
    walls.limit(config["limits"], others=config["others"])
    if config["closed"]:
        walls.close(Filter(), files=False)  # that is the outer wall's part
    if config["mode"] == "examine":
        player.open_standard_streams()
        examiner.main(Stream(reading, writing))
    player.main(config["mode"], Stream(reading, writing))

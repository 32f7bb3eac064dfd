"""Tree cores of other projects, under the harness of cores.py. `make bench-peers` installs them; each may be absent.

They lie in a folder of their own, `peers` in the environment's root, which only this module puts on the path: some of
their pins contradict those of vLLM, and some install packages under very general names. All run on one thread.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

from cores import Open

os.environ["OMP_NUM_THREADS"] = "1"  # read once, when torch is imported
FOLDER = Path(sys.prefix) / "peers"
NAMES = {"mctorch-mcts": "mctorch", "gumbel-mcts": "gumbel", "LightZero": "lightzero", "mctx": "deepmind_mctx"}


def installed() -> tuple[dict[str, Open], dict[str, str]]:
    """The cores that can be had, and for each of the others the reason why not."""
    sys.path.append(str(FOLDER))
    cores: dict[str, Open] = {}
    absent: dict[str, str] = {}
    for name, module in NAMES.items():
        try:
            cores[name] = importlib.import_module(f"peers.{module}").open_run
        except ImportError as error:
            absent[name] = str(error)
    return cores, absent

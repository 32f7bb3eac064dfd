"""The forest, measured: every figure of docs/forest.md, with the marks that it is to reach.

    python bench/forest.py                     all tables, the marks, the signature (some minutes)
    python bench/forest.py rates threads ...   some of them
    python bench/forest.py --quick             a smoke run: its figures mean nothing
    python bench/forest.py --signature         only the signature: it changes exactly when the search does

`make bench-peers` installs the other tree cores of the first table; those that are absent are reported as absent.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
from pathlib import Path

from marks import Mark, print_marks
from signature import signature

# Each is a module of this folder with a function `measure`; imported when its turn comes.
PARTS = {
    "rates": "simulations a second, beside other tree cores",
    "scaling": "growing trees, and threads",
    "in_flight": "evaluations in flight",
    "forest_replay": "offline replay, and memory",
    "custom_rule": "a rule in Python",
    "opening": "save and load",
    "vector_paths": "vector instructions",
}


def machine() -> str:
    """The processor, its cores and how busy they were when the bench began."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")] or [platform.machine()]
    load = os.getloadavg()[0]
    return f"{names[0]}, {os.cpu_count()} cores (load {load:.1f}), Python {platform.python_version()}"


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="less of everything, once")
    parser.add_argument("--signature", action="store_true", help="print the signature alone")
    options = parser.parse_args()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"there is no part {part!r}: expected some of {', '.join(PARTS)}")
    if options.signature:
        print(signature())
        return
    print(machine())
    marks: list[Mark] = []
    for part in options.parts or PARTS:
        print(f"\n{part}: {PARTS[part]}")
        marks += importlib.import_module(part).measure(options.quick)
    print_marks(marks)
    print(f"\nsignature {signature()}")


if __name__ == "__main__":
    main()

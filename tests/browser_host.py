"""A process that holds a browser open until it is killed: prints a line when it is, then waits."""

from __future__ import annotations

import sys
import time

from treewright.domains.web import miniwob, miniwob_task

if __name__ == "__main__":
    domain = miniwob(contexts=2)
    domain.observe(domain.reset(miniwob_task("click-test", 0)))
    print("open", flush=True)
    time.sleep(float(sys.argv[1]))

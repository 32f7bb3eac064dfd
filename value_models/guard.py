"""Runs a command that must not outlive whoever started it; called by path, as `python guard.py COMMAND ...`.

Standard input is a pipe that the starter holds open. When it closes, because the starter closed it or died in any
way, the command gets SIGTERM, and 15 s later its whole process group SIGKILL. The exit status is the command's.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading

GRACE = 15.0


def main(command: list[str]) -> int:
    """Runs the command until it ends or standard input closes; gives its exit status."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def stop_at_end_of_input() -> None:
        # Not sys.stdin: its lock would still be held by this thread when the interpreter shuts down.
        while os.read(0, 1024):
            continue
        child.terminate()
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)

    threading.Thread(target=stop_at_end_of_input, daemon=True).start()
    # A signal meant for the command alone would leave it behind; closing standard input is the way to stop.
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = child.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Leaves a daemon in a session of its own, with its output still open, and ends well."""

import os
import sys
import time

for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                time.sleep(0.01)
                try:
                    with open("/tmp/daemon-was-here", "a") as file:
                        file.write("x")
                except OSError:
                    pass
        os._exit(0)
print("held")
sys.stdout.flush()

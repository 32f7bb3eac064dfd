"""Takes just less than a process may, in as many processes as it may have."""

import os
import time

for _ in range(64):
    try:
        if os.fork() == 0:
            held = []
            try:
                while True:
                    held.append(bytearray(b"x") * (16 << 20))
            except MemoryError:
                time.sleep(3600)
    except OSError:
        pass
time.sleep(3600)

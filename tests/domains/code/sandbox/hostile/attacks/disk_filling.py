"""Fills the disk: large files, then as many small ones as it can make."""

import os

written = made = 0
try:
    for number in range(1000):
        with open(f"large-{number}", "wb") as file:
            while True:
                written += file.write(b"x" * (1 << 20))
                file.flush()
                if file.tell() > 1 << 30:
                    break
except OSError:
    pass
for number in range(1000):
    if os.path.exists(f"large-{number}"):
        os.unlink(f"large-{number}")
try:
    for number in range(1_000_000):
        os.mkdir(f"small-{number}")
        made += 1
except OSError:
    pass
print("ESCAPED" if written > 200 << 20 or made > 100_000 else "held")

"""Leaves files wherever it can, for another program to find."""

import os

for directory in ("/tmp", "/tmp/work", "/dev/shm", "/var/tmp", "/run", "/"):
    try:
        with open(os.path.join(directory, "left-behind"), "w") as file:
            file.write("secret of another task")
    except OSError:
        pass
print("held")

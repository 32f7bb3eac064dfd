"""Reads below the homes of users; the way to the interpreter may be there, nothing else."""

import os
import sys

escaped = []
for top in ("/root", "/home", os.path.expanduser("~")):
    for directory, below, files in os.walk(top):
        if sys.base_prefix.startswith(directory) or directory.startswith(("/tmp/work", "/tmp")):
            below[:] = [name for name in below if sys.base_prefix.startswith(os.path.join(directory, name))]
            files = [] if directory.startswith("/tmp") else files
        if directory.startswith(sys.base_prefix):
            below.clear()
            continue
        escaped += [os.path.join(directory, name) for name in files]
print("ESCAPED", escaped) if escaped else print("held")

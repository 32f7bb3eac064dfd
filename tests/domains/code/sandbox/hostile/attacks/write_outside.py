"""Writes anywhere but into its own directory."""

import os

escaped = []
for directory, below, _ in os.walk("/", topdown=True):
    if directory in ("/tmp", os.getcwd()):
        below.clear()
        continue
    path = os.path.join(directory, "planted")
    try:
        with open(path, "w"):
            escaped.append(path)
    except OSError:
        pass
    if directory.count("/") >= 4:
        below.clear()
for path in ("/etc/passwd", "/usr/bin/env", "/dev/null/x", os.__file__):
    try:
        with open(path, "a"):
            escaped.append(path)
    except OSError:
        pass
print("ESCAPED", escaped) if escaped else print("held")

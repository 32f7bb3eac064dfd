"""Reads a file of the host that anyone may read, by its path and through links."""

import json
import os

planted = json.load(open("target.json"))["file"]
escaped = []
for path in (planted, "/proc/1/root" + planted, "/proc/self/root" + planted, "/../../.." + planted):
    os.symlink(path, "link")
    for name in (path, "link"):
        try:
            escaped.append(open(name).read())
        except OSError:
            pass
    os.unlink("link")
print("ESCAPED", escaped) if escaped else print("held")

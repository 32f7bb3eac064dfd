"""Looks for secrets in the environment and among the open files."""

import os

escaped = [value for value in os.environ.values() if "canary" in value]
for descriptor in range(3, 1024):
    try:
        os.fstat(descriptor)
        escaped.append(descriptor)
    except OSError:
        pass
print("ESCAPED", escaped) if escaped else print("held")

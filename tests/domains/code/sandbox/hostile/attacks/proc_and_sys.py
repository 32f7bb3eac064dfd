"""Walks /proc and /sys."""

import os

seen = [path for top in ("/proc", "/sys") for path, _, names in os.walk(top) if names]
print("ESCAPED", seen[:5]) if seen else print("held")

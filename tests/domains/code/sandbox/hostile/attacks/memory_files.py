"""Takes memory that no process is charged with: anonymous files, shared segments, message queues."""

import ctypes
import os

libc = ctypes.CDLL(None)
escaped = []
try:
    os.memfd_create("hoard")
    escaped.append("memfd_create")
except OSError:
    pass
if libc.shmget(0, 1 << 30, 0o1600) >= 0:
    escaped.append("shmget")
if libc.msgget(0, 0o1600) >= 0:
    escaped.append("msgget")
print("ESCAPED", escaped) if escaped else print("held")

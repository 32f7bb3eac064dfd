"""Traces or reads another process."""

import ctypes
import json
import os

libc = ctypes.CDLL(None, use_errno=True)
target = json.load(open("target.json"))["pid"]
escaped = []
PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_SEIZE = 0, 16, 0x4206
for request, pid in (
    (PTRACE_TRACEME, 0),
    *((r, p) for r in (PTRACE_ATTACH, PTRACE_SEIZE) for p in (1, os.getppid(), target)),
):
    if libc.ptrace(request, pid, None, None) == 0:
        escaped.append((request, pid))
for number in (310, 311, 312, 438, 424):
    if libc.syscall(number, os.getpid(), None, 0, None, 0, 0) >= 0:
        escaped.append(number)
print("ESCAPED", escaped) if escaped else print("held")

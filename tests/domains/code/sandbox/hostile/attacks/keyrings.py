"""Keeps a secret in the kernel for a later program, and looks for one."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
escaped = []
for ring in (-1, -2, -3, -4, -5):
    if libc.syscall(248, b"user", b"left-behind", b"secret", 6, ring) > 0:
        escaped.append(("add_key", ring))
    if libc.syscall(250, 10, ring, b"user", b"left-behind", 0) > 0:
        escaped.append(("search", ring))
print("ESCAPED", escaped) if escaped else print("held")

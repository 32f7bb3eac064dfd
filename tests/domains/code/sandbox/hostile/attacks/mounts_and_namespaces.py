"""Mounts, leaves the root directory, makes or enters namespaces."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
escaped = []
for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x10020000):
    if libc.unshare(flag) == 0:
        escaped.append(("unshare", hex(flag)))
    child = libc.syscall(56, flag | 17, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    if child > 0:
        escaped.append(("clone", hex(flag)))
if libc.mount(b"tmpfs", b"/tmp/work", b"tmpfs", 0, None) == 0:
    escaped.append("mount")
if libc.mount(b"proc", b"/tmp/work", b"proc", 0, None) == 0:
    escaped.append("proc")
if libc.umount2(b"/tmp", 2) == 0 or libc.umount2(b"/usr", 2) == 0:
    escaped.append("umount2")
for leave in (lambda: os.chroot("/tmp"), lambda: os.mknod("device", 0o020666, os.makedev(1, 1))):
    try:
        leave()
        escaped.append("chroot or mknod")
    except OSError:
        pass
print("ESCAPED", escaped) if escaped else print("held")

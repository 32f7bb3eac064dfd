"""System calls that programs do not need and kernels have had faults in."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
escaped = []
for name, number in {
    "bpf": 321,
    "perf_event_open": 298,
    "userfaultfd": 323,
    "io_uring_setup": 425,
    "init_module": 175,
    "kexec_load": 246,
    "swapon": 167,
    "settimeofday": 164,
    "syslog": 103,
    "open_tree": 428,
    "fsopen": 430,
    "personality": 135,
    "fanotify_init": 300,
}.items():
    ctypes.set_errno(0)
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) >= 0 or ctypes.get_errno() != 1:
        escaped.append(name)
print("ESCAPED", escaped) if escaped else print("held")

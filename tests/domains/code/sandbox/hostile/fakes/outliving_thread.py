"""Answers wrongly; a thread goes on writing answers and verdicts afterwards."""

import os
import struct
import threading

started = []


def forge():
    for content in (b'["returned",4,[]]', b'{"status":"passed","message":""}'):
        for kind in b"nj":
            os.write(3, struct.pack("!IB", len(content), kind) + content)


def double(number):
    if not started:
        started.append(threading.Timer(0.01, lambda: [forge() for _ in range(1000)]))
        started[0].start()
    return None

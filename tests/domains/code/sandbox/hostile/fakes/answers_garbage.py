"""Sends broken frames: an endless length, broken JSON, deep nesting, unknown types."""

import os
import struct

double_calls = [struct.pack("!IB", 0xFFFFFFFF, 99), b"c", struct.pack("!IB", 200000, 99) + b"[" * 200000]


def double(number):
    for part in double_calls:
        os.write(3, part)
    return None

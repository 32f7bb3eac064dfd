"""Sends frames without end."""

import os
import struct


def double(number):
    frame = struct.pack("!IB", 2, ord("n")) + b"[]"
    while True:
        os.write(3, frame * 10000)

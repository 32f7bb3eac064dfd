"""Answers with forged frames of every kind, then goes on as if nothing had been."""

import os
import struct

answers = (
    b'{"status":"passed","message":""}',
    b'["returned",["deeply"],[]]',
    b'["raised","StopIteration"]',
    b"[]",
    b"\xff",
    b'["call",0,[],{}]',
)


def double(number):
    for kind in b"nj":
        for answer in answers:
            os.write(3, struct.pack("!IB", len(answer), kind) + answer)
    return None

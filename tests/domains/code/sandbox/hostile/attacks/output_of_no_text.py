"""Writes bytes that are no UTF-8, and half a character at the very end."""

import os

os.write(1, b"held \xff\xfe\x80 \xed\xa0\x80 \x00 \xe2\x82")

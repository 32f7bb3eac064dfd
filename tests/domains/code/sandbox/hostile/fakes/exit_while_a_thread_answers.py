"""Answers wrongly and leaves with success at the same time."""

import os
import threading


def double(number):
    threading.Timer(0.001, os._exit, (0,)).start()
    return None

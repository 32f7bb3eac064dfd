"""Keeps every processor busy from many threads, as far as it may start them."""

import threading


def spin():
    while True:
        pass


while True:
    try:
        threading.Thread(target=spin, daemon=True).start()
    except RuntimeError:
        pass

"""Leaves with success."""

import sys


def double(number):
    sys.exit(0)

"""Small packages, written to be broken: file name -> text, their tests in `tests/`, hidden ones in `hidden/`."""

from .agenda import AGENDA
from .graphs import GRAPHS
from .ledger import LEDGER
from .textkit import TEXTKIT

SAMPLES = {"agenda": AGENDA, "graphs": GRAPHS, "ledger": LEDGER, "textkit": TEXTKIT}

__all__ = ["SAMPLES"]

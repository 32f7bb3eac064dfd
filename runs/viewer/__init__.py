"""`treewright view`: a run's trees on a local web page (extra `view`)."""

from .app import make_app
from .life import Growing, Life
from .serving import view

__all__ = ["Growing", "Life", "make_app", "view"]

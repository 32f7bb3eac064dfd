"""The journal: a run's durable record of every model call, step and grade, in one SQLite database."""

from .event import Event, EventKind, Turn
from .lock import RunLock, writer_of
from .merging import Merged, merge
from .reader import RunReader
from .repair import Repaired, repair
from .schema import FILE_NAME, SCHEMA_VERSION
from .store import Journal
from .tallies import Tally, failures, models, tally, verdicts

__all__ = [
    "FILE_NAME",
    "SCHEMA_VERSION",
    "Event",
    "EventKind",
    "Journal",
    "Merged",
    "Repaired",
    "RunLock",
    "RunReader",
    "Tally",
    "Turn",
    "failures",
    "merge",
    "models",
    "repair",
    "tally",
    "verdicts",
    "writer_of",
]

"""The embedded cache: answers of models on disk, for the same request in another run."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from ..value_models.identity import identity as told
from ..value_models.protocols import Usage
from .errors import JournalError, MissingPart
from .journal.event import dumps, request_key
from .journal.schema import connect
from .journal.writer import Writer
from .journaled import Answer, answer_of, described, model_of

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, kind TEXT NOT NULL, answer TEXT NOT NULL, model TEXT NOT NULL)
WITHOUT ROWID
"""


class AnswerCache:
    """Answers by request: same kind, same model, same prompt, same draw, same seed. Several processes may share one.

    Args:
        path: an SQLite database; made when absent.

    Raises:
        JournalError: it cannot be used.
    """

    def __init__(self, path: Path | str) -> None:
        path = Path(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._reading = connect(path)
            self._reading.execute(_SCHEMA)
            self._writing = connect(path)
        except (OSError, sqlite3.Error) as error:
            raise JournalError(f"the cache {path} cannot be used: {error}") from error
        self._writer = Writer(self._writing)

    def get(self, who: str, kind: str, request: Any) -> Answer | None:
        """The answer to a request to a model, at no cost; None where there is none yet."""
        found = self._reading.execute("SELECT answer, model FROM answers WHERE key = ?", (_key(who, kind, request),))
        row = found.fetchone()
        return None if row is None else answer_of(kind, json.loads(row[0]), Usage(), row[1])

    async def put(self, who: str, kind: str, request: Any, answer: Answer) -> None:
        """Keeps an answer; the first one to a request stays.

        Raises:
            JournalError: it cannot be written.
        """
        # As ASCII, so that half of a surrogate pair in a model's text can be stored.
        row = (_key(who, kind, request), kind, json.dumps(described(answer)), model_of(answer))
        self._writer.put("INSERT OR IGNORE INTO answers", row)
        await self._writer.written()

    def close(self) -> None:
        """Writes what is queued and closes the database."""
        self._writer.close()
        self._writing.close()
        self._reading.close()


async def identity(model: object) -> str:
    """Who a policy or a value model is (`treewright.value_models.identity`).

    Raises:
        MissingPart: it does not say.
    """
    said = await told(model)
    if said is None:
        raise MissingPart(f"a cache needs models that say who they are; {type(model).__name__} has no `identity`")
    return said


def _key(who: str, kind: str, request: Any) -> bytes:
    return bytes.fromhex(request_key(kind, dumps([who, request])))

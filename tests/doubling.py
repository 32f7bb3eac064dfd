"""A small function task for tests, with a canary in its hidden tests."""

from __future__ import annotations

from typing import Any

CANARY = "canary_7f3e91"

RECORD: dict[str, Any] = {
    "id": "double",
    "text": "Write a function double(x) that gives twice x.",
    "entry_point": "double",
    "visible": ["assert double(2) == 4", "assert double('a') == 'aa'"],
    "hidden": [f"assert double(5) == 10, '{CANARY}'", "assert double(-1) == -2"],
    "solution": "def double(x):\n    return x + x\n",
}

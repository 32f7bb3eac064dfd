"""How many kills, faults and repairs the durability tests made; printed at the session's end."""

from __future__ import annotations

from collections import Counter

COUNTED: Counter[str] = Counter()

"""Forty tasks at the shop, in three levels, each with its checker and a reference solution."""

from .checking import verdict
from .easy import EASY
from .hard import HARD
from .medium import MEDIUM
from .task import Request, ShopTask


def shop_tasks() -> tuple[ShopTask, ...]:
    """All tasks, the easiest first."""
    return (*EASY, *MEDIUM, *HARD)


__all__ = ["Request", "ShopTask", "shop_tasks", "verdict"]

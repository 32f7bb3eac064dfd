"""A small shop with a database, for agents that use the web: `python -m webshop_site --port 8800`."""

from .branches import MAIN, Branches, NoSuchBranch
from .server import Shop, running
from .tasks import Request, ShopTask, shop_tasks, verdict
from .visits import BRANCH_HEADER

__all__ = [
    "BRANCH_HEADER",
    "MAIN",
    "Branches",
    "NoSuchBranch",
    "Request",
    "Shop",
    "ShopTask",
    "running",
    "shop_tasks",
    "verdict",
]

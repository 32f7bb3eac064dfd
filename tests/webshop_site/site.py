"""The shop as a site of the web domain: a visit is a branch, a snapshot a copy of one."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from treewright.domains import DomainError, Task
from treewright.domains.web.site import Element, Sight, Verdict, Visit

from .database import facts
from .server import running
from .tasks import ShopTask, shop_tasks, verdict
from .visits import BRANCH_HEADER

ADDRESS = "http://shop.test"
_FINAL = ("/checkout", "/cancel", "/reviews")


class ShopSite:
    """A shop of its own, open until `shut`.

    Args:
        slow_seconds: how long the stock page takes.
    """

    name = "shop"
    page_from_context = True
    answers = True
    stateless = False
    inspect = ""
    origins = ()

    def __init__(self, slow_seconds: float = 0.5) -> None:
        self._open = ExitStack()
        folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="webshop-"))
        self._shop = self._open.enter_context(running(Path(folder), slow_seconds=slow_seconds))
        self._tasks = {task.id: task for task in shop_tasks()}
        self.served = {ADDRESS: self._shop.url}

    def shut(self) -> None:
        """Closes the shop and removes its databases."""
        self._open.close()

    def tasks(self) -> list[Task]:
        """The forty tasks, as the web domain is given them."""
        return [Task(task.id, task.text, given={"site": self.name}) for task in self._tasks.values()]

    def check(self, task: Task) -> None:
        """Looks whether the shop has such a task.

        Raises:
            DomainError: it has not.
        """
        self._task(task)

    def open(self, task: Task) -> Visit:
        """A fresh branch, with the task's customer signed in."""
        known = self._task(task)
        return self._visit(self._shop.branches.new(known.signed_in), f"{ADDRESS}{known.start}")

    def close(self, visit: Visit) -> None:
        """Removes the visit's branch."""
        self._shop.branches.drop(visit.token)

    def snapshot(self, visit: Visit) -> Any:
        """A copy of the visit's branch."""
        return self._shop.branches.copy(visit.token)

    def restore(self, task: Task, snapshot: Any) -> Visit:
        """A visit to a copy of the snapshot's branch."""
        return self._visit(self._shop.branches.copy(snapshot), "")

    def drop(self, snapshot: Any) -> None:
        """Removes the snapshot's branch."""
        self._shop.branches.drop(snapshot)

    def sight(self, task: Task, visit: Visit, inspected: Any) -> Sight:
        """The shop never ends a task, and shows no progress."""
        return Sight()

    def judge(self, task: Task, visit: Visit, inspected: Any, said: str | None) -> Verdict:
        """The task's checker, on the visit's branch."""
        branches = self._shop.branches
        wrong = verdict(self._task(task), facts(branches.fresh), facts(branches.path(visit.token)), said)
        return Verdict(float(not wrong), wrong)

    def irreversible(self, action: str, element: Element | None) -> bool | None:
        """Orders, cancellations and reviews are final; what is in a basket or a wish list is not."""
        if element is None or element.method != "post":
            return False
        return str(urlsplit(element.form).path).endswith(_FINAL)

    def _visit(self, branch: str, url: str) -> Visit:
        return Visit(url, {BRANCH_HEADER: branch}, token=branch)

    def _task(self, task: Task) -> ShopTask:
        if task.id not in self._tasks:
            raise DomainError(f"the shop has no task {task.id!r}; expected one of shop-01 to shop-40")
        return self._tasks[task.id]

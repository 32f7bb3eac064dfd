"""The limit on requests in flight: order, changes, cancelled waiters."""

from __future__ import annotations

import asyncio

from treewright.search.slots import Slots
from treewright.search.status import Status


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_line_moves_in_order_and_the_first_goes_ahead() -> None:
    slots, entered = Slots(1, Status()), []

    async def take(name: str, *, first: bool = False) -> None:
        await slots.take(first=first)
        entered.append(name)

    waiting = [asyncio.create_task(take(name, first=name == "ahead")) for name in ("a", "b", "c", "ahead")]
    await settle()
    assert entered == ["a"]
    assert slots.waiting == 3
    for _ in range(3):
        slots.give()
        await settle()
    await asyncio.gather(*waiting)
    assert entered == ["a", "ahead", "b", "c"]


async def test_a_higher_limit_lets_waiters_in_and_is_announced() -> None:
    status = Status()
    slots, raised = Slots(1, status), []
    slots.on_raise = lambda: raised.append(slots.limit)
    waiting = [asyncio.create_task(slots.take()) for _ in range(4)]
    await settle()
    slots.limit = 3
    await settle()
    assert status.requests == 3
    slots.limit = 2
    slots.give()
    await settle()
    assert (status.requests, slots.waiting, raised) == (2, 1, [3])
    slots.give()
    await asyncio.gather(*waiting)
    assert status.requests == 2


async def test_a_cancelled_waiter_loses_no_place() -> None:
    status = Status()
    slots = Slots(1, status)
    await slots.take()
    gone, stays = asyncio.create_task(slots.take()), asyncio.create_task(slots.take())
    await settle()
    gone.cancel()
    await settle()
    slots.give()
    await stays
    assert (status.requests, slots.waiting) == (1, 0)
    late = asyncio.create_task(slots.take())
    await settle()
    slots.give()
    late.cancel()  # the place was given to it in the same moment
    await settle()
    assert status.requests == 0

"""Doing actions: each on the live page, by the mouse and the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from .actions import WebAction
from .outline import Found
from .session import Session

# Date, time, colour and range fields take no typing that is worth it: their value is set, and their events are sent.
_SET_VALUE = """function (text) {
  const typed = ['date', 'time', 'datetime-local', 'month', 'week', 'color', 'range'];
  if (!typed.includes(this.type)) { this.focus(); if (this.select) this.select();
    else document.getSelection().selectAllChildren(this); return 'type'; }
  this.focus(); this.value = text;
  this.dispatchEvent(new Event('input', {bubbles: true})); this.dispatchEvent(new Event('change', {bubbles: true}));
  return this.value === text ? 'set' : 'refused';
}"""
_SELECT = """function (labels) {
  const clean = (text) => text.replace(/\\s+/g, ' ').trim();
  const found = [...this.options].filter((o) => labels.includes(clean(o.label)) || labels.includes(o.value));
  if (!found.length) return false;
  this.focus();
  for (const option of this.options) option.selected = this.multiple ? found.includes(option) : option === found[0];
  this.dispatchEvent(new Event('input', {bubbles: true})); this.dispatchEvent(new Event('change', {bubbles: true}));
  return true;
}"""
_FOCUS = "function () { this.focus(); }"


class NotDone(Exception):
    """An action that the page did not take; the message is shown to the agent."""


async def perform(session: Session, action: WebAction) -> None:
    """Does one action on the session's active tab; the page has not settled yet afterwards.

    Raises:
        NotDone: the element is not there, has no place to click, or refuses the value.
        SessionLost: the page is gone.
    """
    from playwright.async_api import Error

    try:
        await session.within(_DONE[action.name](session, *action.arguments))
    except Error as error:
        raise NotDone(error.message.splitlines()[0][:200]) from error


def _found(session: Session, bid: str) -> Found:
    found = None if session.page is None else session.page.elements.get(bid)
    if found is None:
        raise NotDone(f"there is no element {bid} on this page")
    return found


async def _centre(session: Session, bid: str) -> tuple[float, float]:
    found, channel = _found(session, bid), session.tab.channel
    place = {"backendNodeId": found.backend}
    await channel.send("DOM.scrollIntoViewIfNeeded", place)
    quads = (await channel.send("DOM.getContentQuads", place))["quads"]
    for quad in quads:
        xs, ys = quad[::2], quad[1::2]
        if max(xs) > min(xs) and max(ys) > min(ys):
            return sum(xs) / 4, sum(ys) / 4
    raise NotDone(f"element {bid} has no place on the page")


async def _call(session: Session, bid: str, script: str, *arguments: Any) -> Any:
    channel = session.tab.channel
    resolved = await channel.send("DOM.resolveNode", {"backendNodeId": _found(session, bid).backend})
    answer = await channel.send(
        "Runtime.callFunctionOn",
        {
            "functionDeclaration": script,
            "objectId": resolved["object"]["objectId"],
            "arguments": [{"value": argument} for argument in arguments],
            "returnByValue": True,
        },
    )
    return answer["result"].get("value")


async def _click(session: Session, bid: str, count: int = 1) -> None:
    x, y = await _centre(session, bid)
    await session.tab.page.mouse.click(x, y, click_count=count)


async def _dblclick(session: Session, bid: str) -> None:
    x, y = await _centre(session, bid)
    await session.tab.page.mouse.dblclick(x, y)


async def _hover(session: Session, bid: str) -> None:
    await session.tab.page.mouse.move(*await _centre(session, bid))


async def _fill(session: Session, bid: str, text: str) -> None:
    if _found(session, bid).disabled:
        raise NotDone(f"element {bid} is disabled")
    how = await _call(session, bid, _SET_VALUE, text)
    if how == "refused":
        raise NotDone(f"element {bid} does not take {text!r}")
    if how == "type":
        keyboard = session.tab.page.keyboard
        await (keyboard.insert_text(text) if text else keyboard.press("Delete"))


async def _clear(session: Session, bid: str) -> None:
    await _fill(session, bid, "")


async def _select(session: Session, bid: str, options: str | tuple[str, ...]) -> None:
    found = _found(session, bid)
    labels = [options] if isinstance(options, str) else list(options)
    if found.element.tag != "select":
        raise NotDone(f"element {bid} is a {found.element.role} and has no options")
    if not await _call(session, bid, _SELECT, labels):
        raise NotDone(f"element {bid} has no option {labels}; it has {list(found.options)}")


async def _focus(session: Session, bid: str) -> None:
    await _call(session, bid, _FOCUS)


async def _press(session: Session, bid: str, key: str) -> None:
    await _focus(session, bid)
    await session.tab.page.keyboard.press(key)


async def _drag(session: Session, from_bid: str, to_bid: str) -> None:
    mouse = session.tab.page.mouse
    await mouse.move(*await _centre(session, from_bid))
    await mouse.down()
    await mouse.move(*await _centre(session, to_bid), steps=5)
    await mouse.up()


async def _scroll(session: Session, dx: float, dy: float) -> None:
    await session.tab.page.evaluate("([x, y]) => window.scrollBy(x, y)", [dx, dy])


async def _noop(session: Session) -> None:
    """Settling lets a second pass."""


async def _go_back(session: Session) -> None:
    if await session.tab.page.go_back(wait_until="commit") is None:
        raise NotDone("there is no page to go back to")


async def _go_forward(session: Session) -> None:
    if await session.tab.page.go_forward(wait_until="commit") is None:
        raise NotDone("there is no page to go forward to")


async def _goto(session: Session, url: str) -> None:
    if urlsplit(url).scheme not in ("http", "https"):
        raise NotDone(f"{url!r} is no http or https address")
    await session.tab.page.goto(url, wait_until="commit")


async def _new_tab(session: Session) -> None:
    await session.add_tab()


async def _tab_focus(session: Session, index: float) -> None:
    if not 0 <= index < len(session.tabs):
        raise NotDone(f"there is no tab {index}; tabs are 0 to {len(session.tabs) - 1}")
    session.active = int(index)
    await session.tab.page.bring_to_front()


async def _tab_close(session: Session) -> None:
    if len(session.tabs) == 1:
        raise NotDone("the last tab stays open")
    await session.tab.page.close()


_Doing: TypeAlias = Callable[..., Coroutine[Any, Any, None]]
_DONE: dict[str, _Doing] = {
    "click": _click,
    "dblclick": _dblclick,
    "fill": _fill,
    "clear": _clear,
    "select_option": _select,
    "hover": _hover,
    "focus": _focus,
    "press": _press,
    "drag_and_drop": _drag,
    "scroll": _scroll,
    "noop": _noop,
    "go_back": _go_back,
    "go_forward": _go_forward,
    "goto": _goto,
    "new_tab": _new_tab,
    "tab_focus": _tab_focus,
    "tab_close": _tab_close,
}

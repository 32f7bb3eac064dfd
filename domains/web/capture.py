"""What a page holds, read from Chromium by its debugging protocol: the elements with their roles, names and boxes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

_STYLES = ("visibility", "background-color", "fill", "cursor")
_TRANSPARENT = ("rgba(0, 0, 0, 0)", "none", "rgb(255, 255, 255)")
_SHAPES = ("circle", "ellipse", "rect", "polygon", "path", "line", "text")
_ELEMENT, _TEXT = 1, 3


class Channel(Protocol):
    """A debugging session of one page."""

    async def send(self, method: str, params: dict[str, Any] | None = None) -> Any:
        """One command and its answer."""
        ...


@dataclass(slots=True)
class Item:
    """A node of the page as it is laid out.

    Attributes:
        tag: lower-case tag name; "#text" of a text.
        text: of a text node, as it is shown.
        role, name: from the accessibility tree; "" where that leaves the node out.
        states: what the accessibility tree says of it: "checked": "true", "expanded": "false", ...
        value: what a field holds.
        attributes: as in the page's source.
        box: x, y, width, height in pixels of the page; None where it has no box.
        color: its colour, where it has one of its own.
        visible: it can be seen.
        clickable: it listens for clicks, or the mouse pointer turns into a hand over it and not yet over its parent.
        backend: the number by which the protocol names it.
        hand: the mouse pointer is a hand over it.
    """

    tag: str
    text: str = ""
    role: str = ""
    name: str = ""
    states: dict[str, str] = field(default_factory=dict)
    value: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    box: tuple[float, float, float, float] | None = None
    color: str = ""
    visible: bool = True
    clickable: bool = False
    backend: int = 0
    hand: bool = False
    children: list[Item] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Captured:
    """One page at one moment: its items from the root, its address, title and scroll position."""

    root: Item
    url: str
    title: str
    scroll: tuple[float, float]


async def capture(channel: Channel) -> Captured:
    """Reads a page with the frames that it holds in its own process."""
    answer = await channel.send(
        "DOMSnapshot.captureSnapshot", {"computedStyles": list(_STYLES), "includeDOMRects": False}
    )
    documents, strings = answer["documents"], answer["strings"]
    accessible: dict[int, dict[str, Any]] = {}
    for document in documents:
        frame = strings[document["frameId"]]
        tree = await channel.send("Accessibility.getFullAXTree", {"frameId": frame} if frame else {})
        for node in tree["nodes"]:
            if "backendDOMNodeId" in node and not node.get("ignored"):
                accessible[node["backendDOMNodeId"]] = node
    main = documents[0]
    return Captured(
        _Reader(documents, strings, accessible).read(0),
        strings[main["documentURL"]],
        strings[main["title"]] if main["title"] >= 0 else "",
        (main.get("scrollOffsetX", 0.0), main.get("scrollOffsetY", 0.0)),
    )


class _Reader:
    """Turns the protocol's parallel arrays into items."""

    def __init__(self, documents: list[Any], strings: list[str], accessible: dict[int, dict[str, Any]]) -> None:
        self._documents = documents
        self._strings = strings
        self._accessible = accessible

    def read(self, index: int) -> Item:
        """The items of one document."""
        document = self._documents[index]
        nodes, layout = document["nodes"], document["layout"]
        boxes = {node: place for place, node in enumerate(layout["nodeIndex"])}
        clickable = set(nodes.get("isClickable", {}).get("index", ()))
        checked = set(nodes.get("inputChecked", {}).get("index", ()))
        selected = set(nodes.get("optionSelected", {}).get("index", ()))
        values = self._rare(nodes.get("inputValue")) | self._rare(nodes.get("textValue"))
        frames = dict(
            zip(*(nodes.get("contentDocumentIndex", {}).get(key, ()) for key in ("index", "value")), strict=True)
        )
        items: list[Item] = []
        for node, parent in enumerate(nodes["parentIndex"]):
            kind = nodes["nodeType"][node]
            item = Item(self._string(nodes["nodeName"][node]).lower(), backend=nodes["backendNodeId"][node])
            items.append(item)
            if parent >= 0 and kind in (_ELEMENT, _TEXT):
                items[parent].children.append(item)
            if node in boxes:
                self._lay_out(item, layout, boxes[node])
            if kind != _ELEMENT:
                continue
            pairs = [self._string(entry) for entry in nodes["attributes"][node]]
            item.attributes = dict(zip(pairs[::2], pairs[1::2], strict=True))
            item.clickable = node in clickable or (item.hand and not (parent >= 0 and items[parent].hand))
            item.value = values.get(node, "")
            self._name(item)
            if node in checked:
                item.states["checked"] = "true"
            if node in selected:
                item.states["selected"] = "true"
            if node in frames:
                item.children.append(self.read(frames[node]))
        return items[0]

    def _lay_out(self, item: Item, layout: Any, place: int) -> None:
        x, y, width, height = layout["bounds"][place]
        item.box = (x, y, width, height)
        item.text = self._string(layout["text"][place]) if item.tag == "#text" else ""
        styles = dict(zip(_STYLES, (self._string(entry) for entry in layout["styles"][place]), strict=False))
        item.visible = styles.get("visibility", "visible") == "visible"
        item.hand = styles.get("cursor") == "pointer"
        color = styles.get("fill" if item.tag in _SHAPES else "background-color", "")
        item.color = "" if color in _TRANSPARENT else color

    def _name(self, item: Item) -> None:
        known = self._accessible.get(item.backend)
        if known is None:
            return
        item.role = str(known["role"]["value"])
        item.name = str(known.get("name", {}).get("value", ""))
        for entry in known.get("properties", ()):
            value = entry["value"].get("value")
            if isinstance(value, bool | str | int | float):
                item.states[entry["name"]] = str(value).lower()
        if not item.value and "value" in known:
            item.value = str(known["value"].get("value", ""))

    def _rare(self, entry: Any) -> dict[int, str]:
        if not entry:
            return {}
        return {node: self._string(value) for node, value in zip(entry["index"], entry["value"], strict=True)}

    def _string(self, index: int) -> str:
        return self._strings[index] if index >= 0 else ""

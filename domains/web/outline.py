"""A page in few words: pruned, merged, numbered lines (in the manner of AgentOccam, Yang et al. 2024)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from urllib.parse import urljoin

from .capture import Captured, Item
from .site import Element

_ROLES = frozenset(
    (
        *("button", "checkbox", "combobox", "link", "listbox", "menuitem", "menuitemcheckbox", "menuitemradio"),
        *("option", "radio", "searchbox", "slider", "spinbutton", "switch", "tab", "textbox", "treeitem"),
        *("Date", "DateTime", "ColorWell", "InputTime", "DisclosureTriangle"),  # Chromium's own
    )
)
_TAGS = frozenset(("input", "select", "textarea", "button", "summary"))
_SKIPPED = frozenset(("script", "style", "noscript", "head", "template", "defs", "#comment", "!doctype"))
_ROOTS = frozenset(("html", "body", "#document"))
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figure", "footer"),
        *("form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main", "nav", "ol", "p", "pre"),
        *("section", "table", "tr", "ul"),
    )
)
_CELLS = frozenset(("td", "th"))
_DRAWN = frozenset(("circle", "rect", "ellipse", "polygon", "path", "text", "canvas"))
_MOST_HELD = 4  # controls in an area that listens for clicks itself, such as a row with buttons
_STATES = ("checked", "selected", "expanded", "pressed", "disabled", "focused", "invalid", "readonly")
_SHOWN_NAMES = ("aria-label", "placeholder", "title", "alt", "name", "id", "class")
_LABEL_CHARACTERS = 120
_MAX_OPTIONS = 40
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an outline: the element's bid, or "" for text; and how far down the page it stands, in pixels."""

    bid: str
    text: str
    y: float

    @property
    def written(self) -> str:
        """The line as a model reads it."""
        return f"[{self.bid}] {self.text}" if self.bid else self.text


@dataclass(frozen=True, slots=True)
class Found:
    """An element that can be acted on, the number by which the protocol names it, its options and what it holds."""

    element: Element
    backend: int
    label: str
    value: str = ""
    options: tuple[str, ...] = ()
    disabled: bool = False
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """A page as lines and elements.

    Attributes:
        elements: by bid; bids count the elements from the top of the page.
        digest: equal for equal pages: address, title, lines.
    """

    url: str
    title: str
    lines: tuple[Line, ...]
    elements: dict[str, Found]
    scroll: tuple[float, float]
    digest: str


def outline(page: Captured) -> Outline:
    """Prunes, merges and numbers what was captured."""
    writer = _Writer(page.url)
    writer.walk(page.root, None)
    writer.flush()
    told = "\n".join((page.url, page.title, *(line.written for line in writer.lines)))
    digest = blake2b(told.encode(), digest_size=12).hexdigest()
    return Outline(page.url, page.title, tuple(writer.lines), writer.elements, page.scroll, digest)


@dataclass(slots=True)
class _Writer:
    url: str
    lines: list[Line] = field(default_factory=list)
    elements: dict[str, Found] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    waiting_y: float = 0.0
    heading: bool = False
    told: str = ""

    def walk(self, item: Item, form: Item | None) -> None:
        """Writes an item and what is below it."""
        if item.tag in _SKIPPED:
            return
        if item.tag == "#text":
            if item.visible and item.text.strip():
                self._wait(item.text, item)
            return
        form = item if item.tag == "form" else form
        if item.visible and item.box is not None and _interactive(item):
            self.flush()
            self._element(item, form)
            if item.tag != "select":
                for below in _descendants(item):
                    if below.visible and below.box is not None and _interactive(below):
                        self._element(below, form)
            return
        if item.tag == "img" and item.name and item.visible:
            self._wait(f"(image {item.name})", item)
            return
        self._below(item, form)

    def _below(self, item: Item, form: Item | None) -> None:
        block = item.tag in _BLOCKS
        if block:
            self.flush()
        if item.tag in _CELLS and self.waiting:
            self.waiting.append(" | ")
        self.heading = self.heading or item.role == "heading"
        for child in item.children:
            self.walk(child, form)
        if block:
            self.flush()

    def flush(self) -> None:
        """Ends the line of text that is being merged."""
        text = _words("".join(self.waiting)).strip("| ")
        if text and text != self.told:  # the label of the control just written says it already
            self.lines.append(Line("", f"# {text}" if self.heading else text, self.waiting_y))
        self.waiting.clear()
        self.heading, self.told = False, ""

    def _wait(self, text: str, item: Item) -> None:
        if not self.waiting and item.box is not None:
            self.waiting_y = item.box[1]
        self.waiting.append(text)

    def _element(self, item: Item, form: Item | None) -> None:
        bid = str(len(self.elements) + 1)
        if self.lines and not self.lines[-1].bid and self.lines[-1].text == _label(item):
            self.lines.pop()  # its label stands before it
        role = item.role if item.role and item.role not in ("generic", "none", "LabelText") else item.tag
        label = _label(item)
        options = tuple(_words(_text(option)) for option in _options(item))
        value = "•" * len(item.value) if item.attributes.get("type") == "password" else item.value
        if item.tag == "select":
            chosen = [_words(_text(option)) for option in _options(item) if option.states.get("selected") == "true"]
            value = ", ".join(chosen)
        given = {} if form is None else form.attributes
        element = Element(
            bid=bid,
            role=role,
            name=label,
            tag=item.tag,
            type=item.attributes.get("type", "").lower(),
            href=urljoin(self.url, item.attributes["href"]) if "href" in item.attributes else "",
            method=given.get("method", "get").lower() if form is not None else "",
            form=urljoin(self.url, given.get("action", "")) if form is not None else "",
        )
        disabled, checked = item.states.get("disabled") == "true", item.states.get("checked") == "true"
        self.elements[bid] = Found(element, item.backend, label, value, options, disabled, checked)
        self.told = label if role in ("checkbox", "radio", "switch") else ""
        self.lines.append(Line(bid, _described(item, role, label, value, options), item.box[1] if item.box else 0.0))


def _described(item: Item, role: str, label: str, value: str, options: tuple[str, ...]) -> str:
    parts = [role]
    if label:
        parts.append(repr(label))
    elif item.color:
        parts.append(f"colour {item.color}")
    if item.tag in _DRAWN and item.box is not None:
        x, y, width, height = (round(number) for number in item.box)
        parts.append(f"{width}x{height} at ({x}, {y})")
        if label and item.color:
            parts.append(f"colour {item.color}")
    if value and role not in ("checkbox", "radio", "button"):
        parts.append(f"= {_cut(value)!r}")
    if options:
        shown = ", ".join(repr(option) for option in options[:_MAX_OPTIONS])
        more = f" and {len(options) - _MAX_OPTIONS} more" if len(options) > _MAX_OPTIONS else ""
        parts.append(f"options: {shown}{more}")
    states = [name for name in _STATES if item.states.get(name) in ("true", "mixed")]
    return " ".join(parts) + (f" ({', '.join(states)})" if states else "")


def _interactive(item: Item) -> bool:
    """Whether an item is a control, or listens for clicks and is no mere frame around many controls."""
    if item.role in _ROLES or item.tag in _TAGS:
        return item.attributes.get("type") != "hidden"
    if item.tag == "a" and "href" in item.attributes:
        return True
    if item.attributes.get("contenteditable", "false") in ("", "true"):
        return True
    if not item.clickable or item.tag in _ROOTS or item.tag == "label":
        return False
    held = sum(1 for below in _descendants(item) if _interactive(below))
    return held == 0 or (held <= _MOST_HELD and bool(_words(_text(item))))


def _descendants(item: Item) -> Iterator[Item]:
    for child in item.children:
        yield child
        yield from _descendants(child)


def _options(item: Item) -> list[Item]:
    return [below for below in _descendants(item) if below.tag == "option"] if item.tag == "select" else []


def _label(item: Item) -> str:
    """What an element is called: its accessible name, else its text, else what its attributes say."""
    field_like = item.tag in ("input", "textarea", "select")
    told = item.name or ("" if field_like else _text(item))
    if not _words(told):
        told = next((item.attributes[key] for key in _SHOWN_NAMES if item.attributes.get(key)), "")
    return _cut(_words(told))


def _text(item: Item) -> str:
    """All text below an item; of options, which are not laid out, as their source has it."""
    if item.tag == "#text":
        return item.text
    if item.tag == "option" and item.name:
        return item.name
    return " ".join(_text(child) for child in item.children)


def _words(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _cut(text: str) -> str:
    return text if len(text) <= _LABEL_CHARACTERS else f"{text[: _LABEL_CHARACTERS - 1]}…"

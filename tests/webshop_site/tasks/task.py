"""What a task is: what the customer asks for, what must then be different, and one way to do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..catalogue import Product, catalogue
from ..database import CUSTOMERS, Fact


@dataclass(frozen=True, slots=True)
class Request:
    """One step of a reference solution: a page opened, or a form sent."""

    path: str
    form: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ShopTask:
    """One task.

    Attributes:
        level: 1 is one fact or one form; 2 a search with conditions, or two or three forms; 3 a plan over many pages.
        solution: requests that solve it.
        adds, removes: the facts (`webshop_site.database.facts`) that are there afterwards and were not before, and
            those that are gone; nothing else may have changed.
        said: the answer in words that must be given; nothing where none is asked for.
        signed_in: who is at the shop; nothing for a guest.
    """

    id: str
    level: int
    text: str
    solution: tuple[Request, ...]
    adds: tuple[Fact, ...] = ()
    removes: tuple[Fact, ...] = ()
    said: str = ""
    signed_in: str = ""
    start: str = field(default="/", kw_only=True)


def get(path: str) -> Request:
    """A page opened."""
    return Request(path)


def post(path: str, **form: str) -> Request:
    """A form sent."""
    return Request(path, form)


def put(product: Product, colour: str, pieces: int = 1) -> tuple[Request, Request]:
    """A product looked at and put into the basket."""
    page = get(f"/product/{product.slug}")
    return page, post("/basket/add", slug=product.slug, colour=colour, pieces=str(pieces))


def buy(delivery: str, address: str, note: str = "") -> tuple[Request, Request]:
    """Checking out."""
    return get("/checkout"), post("/checkout", delivery=delivery, address=address, note=note)


def line(product: Product, colour: str, pieces: int = 1) -> str:
    """One line of an order, as the fact of an order names it."""
    return f"{product.slug} {colour} x{pieces}"


def ordered(
    login: str, *lines: str, delivery: str, address: str, note: str = "", coupon: str = "", status: str = "processing"
) -> Fact:
    """The fact of an order."""
    return ("order", login, status, delivery, address, note, coupon, "; ".join(sorted(lines)))


def basket(who: str, product: Product, colour: str, pieces: int = 1) -> Fact:
    """The fact of a line in a basket."""
    return ("basket", who, product.slug, colour, pieces)


def subscriber(login: str, *, newsletter: bool, name: str = "") -> Fact:
    """The fact of a customer."""
    known = next(customer[2] for customer in CUSTOMERS if customer[0] == login)
    return ("customer", login, name or known, int(newsletter))


def address(login: str, label: str, street: str = "", town: str = "") -> Fact:
    """The fact of an address; of one that the customer had at first, by its label."""
    known = {entry[0]: entry[1:] for customer in CUSTOMERS if customer[0] == login for entry in customer[3]}
    return ("address", login, label, *((street, town) if street else known[label]))


def the(model: str, kind: str) -> Product:
    """A product by its model and kind."""
    return _only([product for product in catalogue() if product.slug == f"{model}-{kind}".lower().replace(" ", "-")])


def cheapest(**conditions: Any) -> Product:
    """The cheapest product that fits; see `fitting`."""
    return first(1, **conditions)[0]


def first(count: int, by: Callable[[Product], Any] = lambda product: product.price, **conditions: Any) -> list[Product]:
    """The first products that fit, in the order of `by`.

    Raises:
        ValueError: the order does not tell which they are, so a task about them would be ambiguous.
    """
    found = sorted(fitting(**conditions), key=by)
    if len(found) < count or (len(found) > count and by(found[count - 1]) == by(found[count])):
        raise ValueError(f"{conditions} do not single out {count} products: {[product.slug for product in found]}")
    return found[:count]


def fitting(
    *,
    kind: str = "",
    brand: str = "",
    material: str = "",
    size: float = 0.0,
    colour: str = "",
    stars: float = 0.0,
    most: int = 10**9,
    reduced: bool = False,
    in_stock: bool = False,
) -> list[Product]:
    """The products of a kind, brand, material and colour, of at least a size and stars, at most a price in pence."""
    return [
        product
        for product in catalogue()
        if kind in ("", product.kind)
        and brand in ("", product.brand)
        and material in ("", product.material)
        and float(product.size.split()[0]) >= size
        and (not colour or colour in product.colours)
        and product.stars >= stars
        and product.price <= most
        and (not reduced or product.price < product.was)
        and (not in_stock or sum(product.stock) > 0)
    ]


def pounds(pence: int) -> str:
    """An amount as an answer gives it."""
    return f"{pence / 100:.2f}"


def _only(products: list[Product]) -> Product:
    (product,) = products
    return product

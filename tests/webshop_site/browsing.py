"""Looking round: the front page, search with filters, products, stock, the outlet and help."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from .catalogue import BRANDS, CATEGORIES, STORES
from .database import hashed
from .visits import customer, database, setting

pages = Blueprint("browsing", __name__)

PER_PAGE = 12
_ORDERS = {
    "name": "name",
    "price": "price, name",
    "-price": "price DESC, name",
    "stars": "stars DESC, name",
}
_WITH_STARS = (
    "SELECT * FROM (SELECT p.*, coalesce(avg(r.stars), 0) AS stars, count(r.id) AS opinions FROM products p "
    "LEFT JOIN reviews r ON r.slug = p.slug GROUP BY p.slug)"
)
_HELP = {
    "delivery": "Delivery",
    "returns": "Returns",
    "vouchers": "Vouchers",
}


@pages.get("/")
def home() -> ResponseReturnValue:
    return render_template("home.html", categories=CATEGORIES)


@pages.get("/search")
def search() -> ResponseReturnValue:
    wanted = {name: value.strip() for name, value in request.args.items()}
    where, given = _conditions(wanted)
    order = _ORDERS.get(wanted.get("sort", ""), "name")
    rows = database().execute(f"{_WITH_STARS} {where} ORDER BY {order}", given).fetchall()
    number = _number(wanted.get("page", ""), 1)
    last = max(1, -(-len(rows) // PER_PAGE))
    return render_template(
        "search.html",
        wanted=wanted,
        rows=rows[(number - 1) * PER_PAGE : number * PER_PAGE],
        found=len(rows),
        number=number,
        last=last,
        categories=CATEGORIES,
        brands=BRANDS,
    )


@pages.get("/product/<slug>")
def product(slug: str) -> ResponseReturnValue:
    row = _product(slug)
    reviews = database().execute("SELECT * FROM reviews WHERE slug = ? ORDER BY id", (slug,)).fetchall()
    wished = database().execute("SELECT 1 FROM wishes WHERE login = ? AND slug = ?", (customer(), slug)).fetchone()
    return render_template("product.html", product=row, reviews=reviews, wished=wished is not None)


@pages.get("/product/<slug>/stock")
def stock(slug: str) -> ResponseReturnValue:
    """The page that loads slowly."""
    row = _product(slug)
    time.sleep(current_app.config["SLOW_SECONDS"])
    return render_template("stock.html", product=row, stores=list(zip(STORES, row["stock"].split(), strict=True)))


@pages.get("/outlet")
def outlet() -> ResponseReturnValue:
    """Reduced products; this page answers 500 now and then: by the shop's seed, its number and the attempt."""
    number, attempt = _number(request.args.get("page", ""), 1), _number(request.args.get("attempt", ""), 1)
    if int(hashed(f"outlet {number} {attempt}", setting("seed"))[:4], 16) % 3 == 0:
        return render_template("broken.html", number=number, attempt=attempt), 500
    rows = database().execute(f"{_WITH_STARS} WHERE price < was ORDER BY name").fetchall()
    last = max(1, -(-len(rows) // PER_PAGE))
    return render_template(
        "outlet.html", rows=rows[(number - 1) * PER_PAGE : number * PER_PAGE], number=number, last=last
    )


@pages.get("/help/<topic>")
def help_page(topic: str) -> ResponseReturnValue:
    if topic not in _HELP:
        abort(404)
    return render_template("help.html", topic=topic, title=_HELP[topic])


def _product(slug: str) -> Any:
    row = database().execute(f"{_WITH_STARS} WHERE slug = ?", (slug,)).fetchone()
    if row is None:
        abort(404)
    return row


def _conditions(wanted: dict[str, str]) -> tuple[str, list[Any]]:
    """The filters of a search as SQL, every word of the text somewhere in name, category or colours."""
    parts: list[str] = []
    given: list[Any] = []
    for word in wanted.get("q", "").lower().split():
        parts.append("instr(lower(name || ' ' || category || ' ' || colours), ?)")
        given.append(word)
    for name in ("category", "brand"):
        if wanted.get(name):
            parts.append(f"{name} = ?")
            given.append(wanted[name])
    for name, condition in (("min", "price >= ?"), ("max", "price <= ?")):
        pounds = _pounds(wanted.get(name, ""))
        if pounds is not None:
            parts.append(condition)
            given.append(round(pounds * 100))
    if wanted.get("stars"):
        parts.append("stars >= ?")
        given.append(_number(wanted["stars"], 0))
    if wanted.get("colour"):
        parts.append("instr(' ' || colours || ' ', ?)")
        given.append(f" {wanted['colour'].lower()} ")
    if wanted.get("stock"):
        parts.append("pieces > 0")
    return ("WHERE " + " AND ".join(parts) if parts else ""), given


def _number(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and int(text) > 0 else default


def _pounds(text: str) -> float | None:
    try:
        return float(text.removeprefix("£"))
    except ValueError:
        return None

"""The basket, checking out, and the orders that come of it."""

from __future__ import annotations

import sqlite3
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from .database import TODAY
from .visits import basket, customer, database, signed_in_only

pages = Blueprint("buying", __name__)

DELIVERY = {"standard": 395, "express": 950}
FREE_FROM = 5000
VOUCHERS = {"SPRING10": "10% off everything", "POSTFREE": "free standard delivery"}
MOST = 20


@pages.get("/basket")
def show_basket() -> ResponseReturnValue:
    return _basket_page("")


@pages.post("/basket/add")
def add() -> ResponseReturnValue:
    slug, colour, wanted = request.form.get("slug", ""), request.form.get("colour", ""), _pieces()
    row = database().execute("SELECT * FROM products WHERE slug = ?", (slug,)).fetchone()
    if row is None or colour not in row["colours"].split() or wanted == 0:
        abort(400)
    if row["pieces"] == 0:
        return _basket_page(f"{row['name']} is sold out.")
    database().execute(
        "INSERT INTO basket_lines VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET pieces = min(pieces + ?, ?)",
        (basket(), slug, colour, wanted, wanted, MOST),
    )
    return redirect("/basket", 303)


@pages.post("/basket/change")
def change() -> ResponseReturnValue:
    slug, colour = request.form.get("slug", ""), request.form.get("colour", "")
    where = (basket(), slug, colour)
    if _pieces() == 0:
        database().execute("DELETE FROM basket_lines WHERE basket = ? AND slug = ? AND colour = ?", where)
    else:
        database().execute(
            "UPDATE basket_lines SET pieces = ? WHERE basket = ? AND slug = ? AND colour = ?", (_pieces(), *where)
        )
    return redirect("/basket", 303)


@pages.post("/basket/empty")
def empty() -> ResponseReturnValue:
    database().execute("DELETE FROM basket_lines WHERE basket = ?", (basket(),))
    return redirect("/basket", 303)


@pages.post("/basket/voucher")
def voucher() -> ResponseReturnValue:
    code = request.form.get("code", "").strip().upper()
    if code and code not in VOUCHERS:
        return _basket_page(f"There is no voucher {code}.")
    database().execute("UPDATE baskets SET coupon = ? WHERE id = ?", (code, basket()))
    return redirect("/basket", 303)


@pages.get("/checkout")
@signed_in_only
def checkout() -> ResponseReturnValue:
    lines = _lines(basket())
    if not lines:
        return redirect("/basket")
    return render_template("checkout.html", lines=lines, addresses=_addresses(), sums=_sums(basket(), lines))


@pages.post("/checkout")
@signed_in_only
def place() -> ResponseReturnValue:
    number, db = basket(), database()
    lines, delivery = _lines(number), request.form.get("delivery", "")
    address = request.form.get("address", "")
    if not lines or delivery not in DELIVERY or address not in [row["label"] for row in _addresses()]:
        abort(400)
    coupon = db.execute("SELECT coupon FROM baskets WHERE id = ?", (number,)).fetchone()["coupon"]
    db.execute("BEGIN")
    order = db.execute(
        "INSERT INTO orders (login, day, status, delivery, address, note, coupon, total) "
        "VALUES (?, ?, 'processing', ?, ?, ?, ?, ?)",
        (
            customer(), TODAY, delivery, address, request.form.get("note", "").strip(), coupon,
            _sums(number, lines)[delivery]["total"],
        ),
    ).lastrowid  # fmt: skip
    for line in lines:
        db.execute(
            "INSERT INTO order_lines (order_id, slug, colour, pieces, price) VALUES (?, ?, ?, ?, ?)",
            (order, line["slug"], line["colour"], line["pieces"], line["price"]),
        )
    db.execute("DELETE FROM basket_lines WHERE basket = ?", (number,))
    db.execute("UPDATE baskets SET coupon = '' WHERE id = ?", (number,))
    db.execute("COMMIT")
    return redirect(f"/orders/{order}", 303)


@pages.get("/orders")
@signed_in_only
def orders() -> ResponseReturnValue:
    rows = database().execute("SELECT * FROM orders WHERE login = ? ORDER BY id DESC", (customer(),)).fetchall()
    return render_template("orders.html", orders=rows)


@pages.get("/orders/<int:number>")
@signed_in_only
def order(number: int) -> ResponseReturnValue:
    row = _order(number)
    lines = database().execute(
        "SELECT l.*, p.name FROM order_lines l JOIN products p ON p.slug = l.slug WHERE order_id = ? ORDER BY l.id",
        (number,),
    )
    return render_template("order.html", order=row, lines=lines.fetchall())


@pages.post("/orders/<int:number>/cancel")
@signed_in_only
def cancel(number: int) -> ResponseReturnValue:
    if _order(number)["status"] != "processing":
        abort(400)
    database().execute("UPDATE orders SET status = 'cancelled' WHERE id = ?", (number,))
    return redirect(f"/orders/{number}", 303)


@pages.post("/orders/<int:number>/again")
@signed_in_only
def again(number: int) -> ResponseReturnValue:
    _order(number)
    for line in database().execute("SELECT * FROM order_lines WHERE order_id = ?", (number,)).fetchall():
        database().execute(
            "INSERT INTO basket_lines VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET pieces = min(pieces + ?, ?)",
            (basket(), line["slug"], line["colour"], line["pieces"], line["pieces"], MOST),
        )
    return redirect("/basket", 303)


def _basket_page(message: str) -> ResponseReturnValue:
    number = basket()
    lines = _lines(number)
    coupon = database().execute("SELECT coupon FROM baskets WHERE id = ?", (number,)).fetchone()["coupon"]
    return render_template(
        "basket.html", lines=lines, coupon=coupon, about=VOUCHERS.get(coupon), message=message,
        total=sum(line["price"] * line["pieces"] for line in lines),
    )  # fmt: skip


def _pieces() -> int:
    text = request.form.get("pieces", "1")
    if not text.isdecimal() or int(text) > MOST:
        abort(400)
    return int(text)


def _lines(number: int) -> list[sqlite3.Row]:
    return database().execute(
        "SELECT l.slug, l.colour, l.pieces, p.name, p.price FROM basket_lines l JOIN products p ON p.slug = l.slug "
        "WHERE basket = ? ORDER BY p.name, l.colour",
        (number,),
    ).fetchall()  # fmt: skip


def _addresses() -> list[sqlite3.Row]:
    return database().execute("SELECT * FROM addresses WHERE login = ? ORDER BY id", (customer(),)).fetchall()


def _order(number: int) -> Any:
    row = database().execute("SELECT * FROM orders WHERE id = ? AND login = ?", (number, customer())).fetchone()
    if row is None:
        abort(404)
    return row


def _sums(number: int, lines: list[sqlite3.Row]) -> dict[str, dict[str, int]]:
    """By way of delivery: goods, what the voucher takes off, delivery and total, in pence."""
    coupon = database().execute("SELECT coupon FROM baskets WHERE id = ?", (number,)).fetchone()["coupon"]
    goods = sum(line["price"] * line["pieces"] for line in lines)
    off = goods // 10 if coupon == "SPRING10" else 0
    sums = {}
    for way, fee in DELIVERY.items():
        free = way == "standard" and (goods - off >= FREE_FROM or coupon == "POSTFREE")
        cost = 0 if free else fee
        sums[way] = {"goods": goods, "off": off, "delivery": cost, "total": goods - off + cost}
    return sums

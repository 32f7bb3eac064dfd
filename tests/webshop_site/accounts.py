"""Customers: signing in, who they are, where they live, what they wish for and what they think."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from .buying import MOST
from .database import hashed
from .visits import basket, customer, database, signed_in_only

pages = Blueprint("accounts", __name__)

LONGEST = 500


@pages.get("/signin")
def signin_form() -> ResponseReturnValue:
    return render_template("signin.html", message="", next=request.args.get("next", "/account"))


@pages.post("/signin")
def signin() -> ResponseReturnValue:
    login, password = request.form.get("login", "").strip().lower(), request.form.get("password", "")
    there = request.form.get("next", "/account")
    known = database().execute("SELECT password FROM customers WHERE login = ?", (login,)).fetchone()
    if known is None or known["password"] != hashed(login, password):
        return render_template("signin.html", message="That name and password do not match.", next=there), 403
    guest = session.pop("basket", None)
    session["login"] = login
    if guest is not None:
        _take_over(guest)
    return redirect(there if there.startswith("/") and not there.startswith("//") else "/account", 303)


@pages.post("/signout")
def signout() -> ResponseReturnValue:
    session["login"] = ""
    return redirect("/", 303)


@pages.get("/account")
@signed_in_only
def account() -> ResponseReturnValue:
    row = database().execute("SELECT * FROM customers WHERE login = ?", (customer(),)).fetchone()
    return render_template("account.html", row=row)


@pages.post("/account")
@signed_in_only
def change_account() -> ResponseReturnValue:
    name = request.form.get("name", "").strip()
    if not name or len(name) > LONGEST:
        abort(400)
    database().execute(
        "UPDATE customers SET name = ?, newsletter = ? WHERE login = ?",
        (name, int("newsletter" in request.form), customer()),
    )
    return redirect("/account", 303)


@pages.get("/account/addresses")
@signed_in_only
def addresses() -> ResponseReturnValue:
    rows = database().execute("SELECT * FROM addresses WHERE login = ? ORDER BY id", (customer(),)).fetchall()
    return render_template("addresses.html", addresses=rows)


@pages.post("/account/addresses")
@signed_in_only
def add_address() -> ResponseReturnValue:
    """Adds an address, or changes the one of the same label."""
    label, street, town = (request.form.get(name, "").strip() for name in ("label", "street", "town"))
    if not all((label, street, town)) or max(map(len, (label, street, town))) > LONGEST:
        abort(400)
    database().execute(
        "INSERT INTO addresses (login, label, street, town) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET street = excluded.street, town = excluded.town",
        (customer(), label, street, town),
    )
    return redirect("/account/addresses", 303)


@pages.post("/account/addresses/remove")
@signed_in_only
def remove_address() -> ResponseReturnValue:
    database().execute(
        "DELETE FROM addresses WHERE login = ? AND label = ?", (customer(), request.form.get("label", ""))
    )
    return redirect("/account/addresses", 303)


@pages.get("/wishes")
@signed_in_only
def wishes() -> ResponseReturnValue:
    rows = database().execute(
        "SELECT p.* FROM wishes w JOIN products p ON p.slug = w.slug WHERE login = ? ORDER BY p.name", (customer(),)
    )
    return render_template("wishes.html", rows=rows.fetchall())


@pages.post("/wishes")
@signed_in_only
def wish() -> ResponseReturnValue:
    """Adds a product to the wish list, or takes it off."""
    slug = request.form.get("slug", "")
    if database().execute("SELECT 1 FROM products WHERE slug = ?", (slug,)).fetchone() is None:
        abort(400)
    if request.form.get("remove"):
        database().execute("DELETE FROM wishes WHERE login = ? AND slug = ?", (customer(), slug))
    else:
        database().execute("INSERT OR IGNORE INTO wishes VALUES (?, ?)", (customer(), slug))
    return redirect("/wishes", 303)


@pages.post("/product/<slug>/reviews")
@signed_in_only
def review(slug: str) -> ResponseReturnValue:
    stars, text = request.form.get("stars", ""), request.form.get("text", "").strip()
    known = database().execute("SELECT 1 FROM products WHERE slug = ?", (slug,)).fetchone()
    if known is None or stars not in ("1", "2", "3", "4", "5") or len(text) > LONGEST:
        abort(400)
    database().execute(
        "INSERT INTO reviews (slug, writer, stars, text) VALUES (?, ?, ?, ?)", (slug, customer(), int(stars), text)
    )
    return redirect(f"/product/{slug}#reviews", 303)


def _take_over(guest: int) -> None:
    """Puts what a guest had chosen into the customer's basket."""
    for line in database().execute("SELECT * FROM basket_lines WHERE basket = ?", (guest,)).fetchall():
        database().execute(
            "INSERT INTO basket_lines VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET pieces = min(pieces + ?, ?)",
            (basket(), line["slug"], line["colour"], line["pieces"], line["pieces"], MOST),
        )
    database().execute("DELETE FROM basket_lines WHERE basket = ?", (guest,))

"""The shop's database: its tables, what a fresh one holds, and the facts by which a task is judged."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from pathlib import Path

from .catalogue import catalogue

Fact = tuple[str | int, ...]
TODAY = "2031-05-17"  # the shop's clock stands still, so that equal visits see equal pages

_TABLES = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE products (
    slug TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, category TEXT NOT NULL, brand TEXT NOT NULL,
    material TEXT NOT NULL, size TEXT NOT NULL, colours TEXT NOT NULL, price INTEGER NOT NULL, was INTEGER NOT NULL,
    stock TEXT NOT NULL, pieces INTEGER NOT NULL);
CREATE TABLE customers (
    login TEXT PRIMARY KEY, password TEXT NOT NULL, name TEXT NOT NULL, newsletter INTEGER NOT NULL);
CREATE TABLE addresses (
    id INTEGER PRIMARY KEY, login TEXT NOT NULL, label TEXT NOT NULL, street TEXT NOT NULL, town TEXT NOT NULL,
    UNIQUE (login, label));
CREATE TABLE baskets (id INTEGER PRIMARY KEY, login TEXT, coupon TEXT NOT NULL DEFAULT '');
CREATE TABLE basket_lines (
    basket INTEGER NOT NULL, slug TEXT NOT NULL, colour TEXT NOT NULL, pieces INTEGER NOT NULL,
    PRIMARY KEY (basket, slug, colour));
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, login TEXT NOT NULL, day TEXT NOT NULL, status TEXT NOT NULL, delivery TEXT NOT NULL,
    address TEXT NOT NULL, note TEXT NOT NULL, coupon TEXT NOT NULL, total INTEGER NOT NULL);
CREATE TABLE order_lines (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, slug TEXT NOT NULL, colour TEXT NOT NULL,
    pieces INTEGER NOT NULL, price INTEGER NOT NULL);
CREATE TABLE wishes (login TEXT NOT NULL, slug TEXT NOT NULL, PRIMARY KEY (login, slug));
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY, slug TEXT NOT NULL, writer TEXT NOT NULL, stars INTEGER NOT NULL, text TEXT NOT NULL);
"""

# Login, password, name, addresses (label, street, town), wishes.
CUSTOMERS: tuple[tuple[str, str, str, tuple[tuple[str, str, str], ...], tuple[str, ...]], ...] = (
    ("mara", "teal-otter-9", "Mara Lind", (("Home", "4 Quay Row", "Penmoor"), ("Work", "12 Foundry Yard", "Astley")),
     ("heron-teapot",)),
    ("tobin", "plum-kite-3", "Tobin Ashe", (("Home", "31 Larch Close", "Wexcombe"),), ()),
    ("ines", "rust-vole-7", "Ines Okoro", (("Home", "8 Canal Side", "Astley"), ("Parents", "2 Abbey Green", "Thornby")),
     ("jay-torch", "ibis-blanket")),
)  # fmt: skip

# Login, day, status, delivery, address, lines (slug, pieces).
PAST_ORDERS: tuple[tuple[str, str, str, str, str, tuple[tuple[str, int], ...]], ...] = (
    ("mara", "2031-02-03", "delivered", "standard", "Home", (("crake-kettle", 1), ("auk-cushion", 2))),
    ("mara", "2031-05-15", "processing", "express", "Work", (("finch-desk-lamp", 1),)),
    ("mara", "2031-05-16", "processing", "standard", "Home", (("egret-plant-pot", 3), ("jay-trowel", 1))),
    ("tobin", "2031-04-21", "delivered", "standard", "Home", (("ibis-tent", 1), ("brant-sleeping-mat", 2))),
    ("ines", "2031-03-30", "delivered", "express", "Parents", (("godwit-blanket", 1),)),
    ("ines", "2031-05-16", "processing", "standard", "Home", (("dipper-rucksack", 1),)),
)

_FACTS = (
    "SELECT 'order', o.login, o.status, o.delivery, o.address, o.note, o.coupon, group_concat(line, '; ') "
    "FROM orders o JOIN (SELECT order_id, slug || ' ' || colour || ' x' || pieces AS line FROM order_lines "
    "ORDER BY slug, colour) "
    "ON order_id = o.id GROUP BY o.id",
    "SELECT 'basket', coalesce(b.login, 'guest'), l.slug, l.colour, l.pieces FROM basket_lines l "
    "JOIN baskets b ON b.id = l.basket",
    "SELECT 'coupon', coalesce(login, 'guest'), coupon FROM baskets WHERE coupon != ''",
    "SELECT 'wish', login, slug FROM wishes",
    "SELECT 'review', writer, slug, stars, text FROM reviews",
    "SELECT 'address', login, label, street, town FROM addresses",
    "SELECT 'customer', login, name, newsletter FROM customers",
)


def connect(file: Path) -> sqlite3.Connection:
    """A connection for one request: rows by name, nothing synced (a branch need not survive the machine)."""
    connection = sqlite3.connect(file, isolation_level=None, timeout=10)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA journal_mode=MEMORY")
    return connection


def create(file: Path, seed: int = 0) -> None:
    """A fresh shop."""
    connection = connect(file)
    try:
        connection.executescript(_TABLES)
        connection.execute("BEGIN")
        connection.execute("INSERT INTO settings VALUES ('seed', ?)", (str(seed),))
        _stock_up(connection, seed)
        for login, password, name, addresses, wishes in CUSTOMERS:
            connection.execute("INSERT INTO customers VALUES (?, ?, ?, 0)", (login, hashed(login, password), name))
            for address in addresses:
                connection.execute(
                    "INSERT INTO addresses (login, label, street, town) VALUES (?, ?, ?, ?)", (login, *address)
                )
            connection.executemany("INSERT INTO wishes VALUES (?, ?)", [(login, slug) for slug in wishes])
        _past_orders(connection, seed)
        connection.execute("COMMIT")
    finally:
        connection.close()


def facts(file: Path) -> Counter[Fact]:
    """All that a visitor can change, as rows that name no internal number; the tasks' checkers compare them."""
    connection = sqlite3.connect(file)
    try:
        return Counter(tuple(row) for query in _FACTS for row in connection.execute(query))
    finally:
        connection.close()


def hashed(login: str, password: str) -> str:
    """A password as it is stored."""
    return hashlib.pbkdf2_hmac("sha256", password.encode(), login.encode(), 1000).hex()


def _stock_up(connection: sqlite3.Connection, seed: int) -> None:
    for product in catalogue(seed):
        connection.execute(
            "INSERT INTO products VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                product.slug, product.name, product.kind, product.category, product.brand, product.material,
                product.size, " ".join(product.colours), product.price, product.was,
                " ".join(map(str, product.stock)), sum(product.stock),
            ),
        )  # fmt: skip
        connection.executemany(
            "INSERT INTO reviews (slug, writer, stars, text) VALUES (?, ?, ?, ?)",
            [(product.slug, review.writer, review.stars, review.text) for review in product.reviews],
        )


def _past_orders(connection: sqlite3.Connection, seed: int) -> None:
    by_slug = {product.slug: product for product in catalogue(seed)}
    for login, day, status, delivery, address, lines in PAST_ORDERS:
        total = sum(by_slug[slug].price * pieces for slug, pieces in lines)
        order = connection.execute(
            "INSERT INTO orders (login, day, status, delivery, address, note, coupon, total) "
            "VALUES (?, ?, ?, ?, ?, '', '', ?)",
            (login, day, status, delivery, address, total),
        ).lastrowid
        for slug, pieces in lines:
            product = by_slug[slug]
            connection.execute(
                "INSERT INTO order_lines (order_id, slug, colour, pieces, price) VALUES (?, ?, ?, ?, ?)",
                (order, slug, product.colours[0], pieces, product.price),
            )

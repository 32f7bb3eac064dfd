"""Who asks: the branch, the customer and the basket of the request that is being answered."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from flask import current_app, g, redirect, request, session
from flask.typing import ResponseReturnValue

from .branches import MAIN
from .database import connect

BRANCH_HEADER = "X-Shop-Branch"
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


def database() -> sqlite3.Connection:
    """The branch's database, open for this request; the branch is named by a header, else it is the main one."""
    if "database" not in g:
        branches = current_app.extensions["branches"]
        g.database = connect(branches.path(request.headers.get(BRANCH_HEADER, MAIN)))
    connection: sqlite3.Connection = g.database
    return connection


def close(_: BaseException | None) -> None:
    """Ends the request's connection."""
    connection = g.pop("database", None)
    if connection is not None:
        connection.close()


def setting(name: str) -> str:
    """A setting of the branch, or nothing."""
    row = database().execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return row["value"] if row else ""


def customer() -> str:
    """The login of who is signed in, or nothing; a branch may be opened by somebody who is."""
    login: str = session["login"] if "login" in session else setting("signed_in")
    return login


def basket() -> int:
    """The visitor's basket, made when first asked for: the customer's own, or the guest's by cookie."""
    db, login = database(), customer()
    if login:
        row = db.execute("SELECT id FROM baskets WHERE login = ?", (login,)).fetchone()
        return int(row["id"]) if row else _made(login)
    number = session.get("basket")
    if number is None or db.execute("SELECT id FROM baskets WHERE id = ?", (number,)).fetchone() is None:
        number = session["basket"] = _made(None)
    return int(number)


def _made(login: str | None) -> int:
    made = database().execute("INSERT INTO baskets (login) VALUES (?)", (login,)).lastrowid
    assert made is not None
    return made


def pieces() -> int:
    """Pieces in the visitor's basket; looks without making one."""
    db, login = database(), customer()
    where, who = ("b.login = ?", login) if login else ("b.id = ?", session.get("basket", -1))
    query = (
        f"SELECT coalesce(sum(l.pieces), 0) AS n FROM basket_lines l JOIN baskets b ON b.id = l.basket WHERE {where}"
    )
    return int(db.execute(query, (who,)).fetchone()["n"])


def signed_in_only(view: View) -> View:
    """Sends visitors who are not signed in to the sign-in page, and back afterwards."""

    @functools.wraps(view)
    def checked(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if not customer():
            return redirect(f"/signin?next={quote(request.path)}")
        return view(*args, **kwargs)

    return checked  # type: ignore[return-value]

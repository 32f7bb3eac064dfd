"""The shop as a Flask application."""

from __future__ import annotations

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from . import accounts, browsing, buying
from .branches import Branches, NoSuchBranch
from .visits import close, customer, pieces

SLOW_SECONDS = 2.0


def create_app(branches: Branches, slow_seconds: float = SLOW_SECONDS) -> Flask:
    """The application over its branches.

    Args:
        branches: the databases; a request says which one it is for.
        slow_seconds: how long the stock page takes.
    """
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.config.update(SECRET_KEY="a shop for tests keeps no secrets", SLOW_SECONDS=slow_seconds)
    app.extensions["branches"] = branches
    app.teardown_appcontext(close)
    app.jinja_env.filters["pounds"] = lambda pence: f"£{pence / 100:,.2f}"
    app.context_processor(lambda: {"customer": customer(), "pieces": pieces()})
    for part in (browsing, buying, accounts):
        app.register_blueprint(part.pages)
    app.register_error_handler(NoSuchBranch, _no_branch)
    app.register_error_handler(HTTPException, _refused)
    return app


def _no_branch(error: NoSuchBranch) -> ResponseReturnValue:
    return str(error.args[0]), 404, {"Content-Type": "text/plain"}


def _refused(error: HTTPException) -> ResponseReturnValue:
    return render_template("refused.html", error=error), error.code or 500

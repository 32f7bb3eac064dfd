"""How the command line shows errors: what a user can mend in one line, anything else with its traceback."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer
from pydantic import ValidationError

from ..domains.protocol import DomainError
from ..search.errors import Interrupted, RunPaused, SearchError
from ..value_models.errors import ModelError

P = ParamSpec("P")
R = TypeVar("R")

USAGE = 2
PAUSED = 75
INTERRUPTED = 130


def teach(command: Callable[P, R]) -> Callable[P, R]:
    """Prints errors that a user can mend without a traceback and exits with 2.

    A run that paused exits with 75 and the command that goes on with it; Ctrl-C exits with 130.
    """

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except RunPaused as paused:
            typer.echo(str(paused), err=True)
            raise typer.Exit(INTERRUPTED if isinstance(paused.__cause__, Interrupted) else PAUSED) from paused
        except ValidationError as error:
            for wrong in error.errors():
                where = ".".join(map(str, wrong["loc"]))
                typer.echo(f"error: {error.title}, {where}: {wrong['input']!r}; {wrong['msg']}", err=True)
            raise typer.Exit(USAGE) from error
        except (SearchError, DomainError, ModelError) as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(USAGE) from error
        except KeyboardInterrupt as error:
            typer.echo("interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from error

    return wrapped

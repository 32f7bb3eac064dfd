"""Options that several commands share, and how their text becomes models, recipes and numbers."""

from __future__ import annotations

from inspect import Parameter, signature
from math import inf
from pathlib import Path
from typing import Annotated, Any

import typer

from ..domains.protocol import Domain
from ..runs.job import constant
from ..search.errors import SearchError, UnknownName
from ..search.registry import load
from ..value_models import VLLM, Uniform
from ..value_models.learned import Embeddings
from ..value_models.protocols import Policy, Ranker, ValueModel
from .values import HELP, value_model

DEFAULT_URL = "http://localhost:8000/v1"

Model = Annotated[str, typer.Option(help="URL of the model server.")]
ModelName = Annotated[str | None, typer.Option("--model-name", help="The model, where the server has several.")]
Value = Annotated[str, typer.Option(help=f"Who scores states. {HELP}.")]
ValueUrl = Annotated[str | None, typer.Option(help="URL of the value model's server, where it has its own.")]
Constants = Annotated[list[str] | None, typer.Option("--set", help="A constant of the recipe, as NAME=VALUE.")]
Seed = Annotated[int, typer.Option(help="Seed of the search and of generated suites.")]
Concurrency = Annotated[
    int, typer.Option(min=0, help="Model requests in flight at once; 0: as many as the server says it can take.")
]
Depth = Annotated[int, typer.Option(min=0, help="Levels of the tree to draw.")]
Deterministic = Annotated[
    bool, typer.Option("--deterministic", help="Work in rounds, so that equal answers make equal runs.")
]
Shard = Annotated[
    str | None, typer.Option(help="Only shard i of n of the suite, as 2/8; treewright merge makes one run of them.")
]
Cache = Annotated[
    Path | None,
    typer.Option(help="A file of answers: answers what was asked before, and takes in what is new."),
]
Prices = Annotated[
    list[str] | None,
    typer.Option("--price", help="Dollars for a million tokens, as policy_prompt=0.15; may be repeated."),
]
Lines = Annotated[bool, typer.Option("--json", help="Print JSON lines instead of bars and tables.")]
MetricsPort = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Serve Prometheus metrics at this port of 127.0.0.1.")
]
DomainSet = Annotated[
    list[str] | None,
    typer.Option("--domain-set", help="An option of the domain, as NAME=VALUE: sandbox=docker, oracle_reward=True."),
]
UnsafeNoSandbox = Annotated[
    bool, typer.Option("--unsafe-no-sandbox", help="Run programs that the model wrote without any wall.")
]
Prior = Annotated[str, typer.Option(help="Who ranks the actions: model, or uniform for equal priors.")]


def models(
    url: str, name: str | None, value: str, prior: str = "model", value_url: str | None = None
) -> tuple[Policy | Ranker, ValueModel]:
    """The policy and the value model, at one server or at two; with uniform priors and rollouts no server is asked.

    Raises:
        UnknownName: no such way to score, or no such prior.
        MissingPart: rollouts without the extra `gym`.
        WrongHead: `value` names a directory without a head.
        SearchError: a URL is none.
    """
    if prior not in ("model", "uniform"):
        raise UnknownName("values for --prior", prior, ["model", "uniform"])
    try:
        judge = value_model(value, value_url or url, None if value_url else name)
    except ValueError as error:
        raise SearchError(f"--{'value-url' if value_url else 'model'} {value_url or url}: {error}") from error
    if prior == "uniform":
        return Uniform(), judge
    if value_url is None and isinstance(judge, VLLM):
        return judge, judge
    try:
        return VLLM(url, name), judge
    except ValueError as error:
        raise SearchError(f"--model {url}: {error}") from error


def embeddings(option: str, url: str) -> Embeddings:
    """The features that the server at an address gives.

    Raises:
        SearchError: the URL is none.
    """
    try:
        return Embeddings(url)
    except ValueError as error:
        raise SearchError(f"--{option} {url}: {error}") from error


def about(
    url: str,
    name: str | None,
    value: str,
    prior: str,
    constants: dict[str, Any],
    value_url: str | None = None,
    domain: str | None = None,
    domain_options: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """What a run keeps of the options, so that it can be resumed and replayed without them."""
    kept = {"url": url, "name": name, "value": value, "prior": prior, "constants": constants}
    more = {"value_url": value_url, "domain": domain, "domain_options": domain_options}
    return {**kept, **{name: value for name, value in more.items() if value}}


def task_text(text: str | None, file: Path | None) -> str:
    """The problem, as given or as its file holds it.

    Raises:
        SearchError: neither or both were given, or the file cannot be read.
    """
    if (text is None) == (file is None):
        raise SearchError("give the problem as an argument, or its file with --file; one of them")
    if text is not None:
        return text
    assert file is not None
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SearchError(f"--file {file} cannot be read: {error}") from None


def domain(name: str, given: dict[str, Any], *, unsafe: bool = False) -> str | Domain:
    """A domain's name, or, with options of its own or without a sandbox, the domain itself.

    Raises:
        UnknownName: no such domain, or it has no such option.
        SearchError: an option's value is not valid, or the domain runs no programs that need a sandbox.
    """
    made = load("domains", name)
    if not unsafe and not given:
        return name
    known = signature(made).parameters
    if unsafe and "unsafe_no_sandbox" not in known:
        raise SearchError(f"domain {name!r} runs no untrusted programs; leave --unsafe-no-sandbox out")
    if not any(parameter.kind is Parameter.VAR_KEYWORD for parameter in known.values()):
        for option in given:
            if option not in known:
                raise UnknownName(f"options of domain {name}", option, list(known))
    try:
        found: Domain = made(**given, **({"unsafe_no_sandbox": True} if unsafe else {}))
    except (TypeError, ValueError) as error:
        raise SearchError(f"domain {name}: {error}") from error
    return found


def pairs(option: str, texts: list[str] | None) -> dict[str, str]:
    """NAME=VALUE texts.

    Raises:
        SearchError: a text without "=".
    """
    found = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise SearchError(f"--{option} takes NAME=VALUE, not {text!r}")
        found[name.strip()] = value.strip()
    return found


def constants(texts: list[str] | None, option: str = "set") -> dict[str, Any]:
    """NAME=VALUE texts as constants; a value is a Python literal, or else plain text.

    Raises:
        SearchError: a text without "=".
    """
    return {name: constant(value) for name, value in pairs(option, texts).items()}


def amounts(option: str, text: str) -> list[float]:
    """Positive numbers by comma.

    Raises:
        SearchError: something else.
    """
    try:
        found = [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        found = []
    if not found or not all(0 < amount < inf for amount in found):
        raise SearchError(f"--{option} takes positive numbers by comma, such as 16,64 or 0.5; not {text!r}")
    return found


def numbers(option: str, text: str) -> list[int]:
    """Positive whole numbers by comma.

    Raises:
        SearchError: something else.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise SearchError(f"--{option} takes positive whole numbers by comma, such as 16,64; not {text!r}")
    return [int(part) for part in parts]

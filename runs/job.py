"""A job: which suite is searched how, within which budget and by which models; one TOML file."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator, model_validator

from ..search import Budget, Prices, Recipe, SearchError, UnknownName, make_recipe
from ..search.registry import load
from ..search.strict import Strict
from .suites import PACKAGE, Choice, check_suite_name
from .toml import document

FILE_NAME = "job.toml"

Count = Annotated[int, Field(ge=1)]


class JobError(SearchError):
    """A job that cannot be run; each line of the message names a field, what was given and what was expected."""


class SuiteTable(Strict):
    """Which tasks."""

    name: str = Field(description="a suite; treewright suites lists them")
    limit: Count | None = Field(default=None, description="the first so many tasks")
    seed: int | None = Field(default=None, description="of a generated suite; by default the search's")
    tasks: tuple[str, ...] = Field(default=(), description="ids of the tasks; none for all")
    shuffle: int | None = Field(default=None, description="the seed of another order, taken before the limit")
    data: str | None = Field(default=None, description="the file of a suite that is read, or package:NAME/FILE")
    hub: str | None = Field(default=None, description="a Hugging Face data set instead: NAME, or NAME:CONFIG:SPLIT")
    split: str | None = Field(default=None, description="of a data set, or of the suite rows")
    fields: dict[str, str] = Field(default={}, description="the file's names of a task's fields, for the suite rows")
    domain: str | None = Field(default=None, description="another domain than the suite's own")
    options: dict[str, Any] = Field(default={}, description="of the domain, as for --domain-set")
    check: bool = Field(default=False, description="leave out tasks whose reference solution fails")
    skip_bad: bool = Field(default=False, description="leave out rows that cannot be used, and count them")

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        with _as_value_error():
            check_suite_name(name)
        return name


class SearchTable(Strict):
    """How they are searched."""

    recipes: tuple[str, ...] = Field(default=("mcts",), min_length=1, description="the first sets the others' tokens")
    constants: dict[str, Any] = Field(default={}, description="of the recipes; each takes those that it has")
    seed: int = Field(default=0, description="equal seeds make equal requests")
    concurrency: int = Field(default=0, ge=0, description="model requests in flight; 0: as many as the server can take")
    deterministic: bool = Field(default=False, description="work in rounds, so that equal answers make equal runs")
    cache: str | None = Field(default=None, description="a file of answers to what was asked before")

    @field_validator("recipes")
    @classmethod
    def _known(cls, recipes: tuple[str, ...]) -> tuple[str, ...]:
        with _as_value_error():
            for name in recipes:
                load("recipes", name)
        return recipes

    @field_validator("constants", mode="before")
    @classmethod
    def _read(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: constant(value) if isinstance(value, str) else value for name, value in given.items()}

    @model_validator(mode="after")
    def _made(self) -> SearchTable:
        with _as_value_error():
            self.made()
        return self

    def made(self) -> list[Recipe]:
        """The recipes, each with those of the constants that it has.

        Raises:
            UnknownName: a constant that none of them has.
            SearchError: a constant's value is not valid.
        """
        known = {name: list(signature(load("recipes", name)).parameters) for name in self.recipes}
        every = sorted({constant for names in known.values() for constant in names})
        for given in self.constants:
            if given not in every:
                raise UnknownName(f"constants of {', '.join(self.recipes)}", given, every)
        return [
            make_recipe(name, **{key: self.constants[key] for key in self.constants if key in known[name]})
            for name in self.recipes
        ]


class BudgetTable(Strict):
    """What a task may cost the first recipe."""

    expansions: tuple[Count, ...] = Field(default=(64,), description="nodes expanded; a run for each number")
    policy_tokens: Count | None = Field(default=None, description="prompt and completion tokens of the policy")
    value_tokens: Count | None = Field(default=None, description="prompt and completion tokens of the value model")
    calls: Count | None = Field(default=None, description="requests to either model")
    seconds: float | None = Field(default=None, gt=0, description="since the task's first request")
    dollars: float | None = Field(default=None, gt=0, description="by the prices")
    prices: Prices = Field(default=Prices(), description="dollars for a million tokens")

    @model_validator(mode="after")
    def _bounded(self) -> BudgetTable:
        self.budgets()
        return self

    def budgets(self) -> list[Budget]:
        """One for each number of expansions; one of the other limits alone where there is none."""
        limits = self.model_dump(exclude_none=True, exclude={"expansions", "prices"})
        return [
            Budget(expansions=expansions, **limits, prices=self.prices) for expansions in self.expansions or (None,)
        ]


class ModelTable(Strict):
    """Who proposes and who judges."""

    url: str = Field(default="http://localhost:8000/v1", description="the model server's address")
    name: str | None = Field(default=None, description="the model, where the server has several")
    value: str = Field(default="label", description="who scores states, as for --value")
    value_url: str | None = Field(default=None, description="the value model's server, where it has its own")
    prior: str = Field(default="model", description="who ranks the actions, as for --prior")


class OutputTable(Strict):
    """Where the run directories are made."""

    directory: str = "results"


class Job(Strict):
    """One batch job; `treewright init` prints it with its defaults."""

    suite: SuiteTable
    search: SearchTable = Field(default_factory=SearchTable)
    budget: BudgetTable = Field(default_factory=BudgetTable)
    model: ModelTable = Field(default_factory=ModelTable)
    output: OutputTable = Field(default_factory=OutputTable)

    @classmethod
    def made(cls, data: Any, source: str) -> Job:
        """The job that plain data describe.

        Args:
            data: as its TOML file holds it.
            source: who gave them, for the message.

        Raises:
            JobError: a field is unknown or not valid; the message names each.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise JobError("\n".join(_line(source, found) for found in error.errors())) from None

    @property
    def choice(self) -> Choice:
        """Which tasks of the suite."""
        table = self.suite.model_dump(exclude={"name", "check", "options"})
        return Choice(**{**table, "seed": self.search.seed if self.suite.seed is None else self.suite.seed})

    def of_run(self, recipe: Recipe, budget: Budget) -> Job:
        """The job that repeats one run of this one: its recipe alone, at its budget."""
        known = signature(load("recipes", recipe.name)).parameters
        constants = {name: value for name, value in self.search.constants.items() if name in known}
        limits = budget.model_dump(exclude={"expansions", "prices"})
        expansions = () if budget.expansions is None else (budget.expansions,)
        return self.model_copy(
            update={
                "suite": self.suite.model_copy(update={"seed": self.choice.seed, "data": _placed(self.suite.data)}),
                "search": self.search.model_copy(update={"recipes": (recipe.name,), "constants": constants}),
                "budget": BudgetTable(expansions=expansions, **limits, prices=budget.prices),
            }
        )

    def toml(self) -> str:
        """The job as its file; reading it gives an equal one."""
        return document(self)


def read_job(path: Path) -> dict[str, Any]:
    """The plain data of a job's file.

    Raises:
        JobError: the file cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise JobError(f"{path} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise JobError(f"{path} is no TOML: {error}") from None


def constant(text: str) -> Any:
    """The value that a constant's text stands for: a Python literal, or else the text itself."""
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        return text.strip()


def _placed(data: str | None) -> str | None:
    """A suite's file wherever the job is run from."""
    return data if data is None or data.startswith(PACKAGE) else str(Path(data).absolute())


def _line(source: str, error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    what = error["msg"].removeprefix("Value error, ")
    given = error["input"]
    shown = "" if isinstance(given, dict | Strict) or given is None else f" {given!r};"
    return f"{source}, {where}:{shown} {what}" if where else f"{source}: {what}"


@contextmanager
def _as_value_error() -> Iterator[None]:
    """Turns what a check raises into what pydantic takes for a field's own error."""
    try:
        yield
    except SearchError as error:
        raise ValueError(str(error)) from error

"""BrowserGym's families of tasks: the package of each, and what the user must bring for it."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import gymnasium
import playwright

from ...value_models.small_model import cache_dir
from ..protocol import DomainError
from .chromium import find_chromium


@dataclass(frozen=True, slots=True)
class Family:
    """One benchmark.

    Attributes:
        package: what to install.
        variables: environment variables that it needs.
        brings: what these stand for, in words.
    """

    package: str
    variables: tuple[str, ...] = ()
    brings: str = ""


_WEBARENA = ("SHOPPING", "SHOPPING_ADMIN", "REDDIT", "GITLAB", "WIKIPEDIA", "MAP", "HOMEPAGE")
_VISUAL = ("CLASSIFIEDS", "CLASSIFIEDS_RESET_TOKEN", "SHOPPING", "REDDIT", "WIKIPEDIA", "HOMEPAGE")

FAMILIES = {
    "assistantbench": Family("browsergym-assistantbench", brings="its questions come from the Hugging Face hub"),
    "miniwob": Family("browsergym-miniwob"),
    "visualwebarena": Family(
        "browsergym-visualwebarena",
        tuple(f"VWA_{name}" for name in _VISUAL),
        "the addresses of VisualWebArena's own servers, which you run",
    ),
    "webarena": Family(
        "browsergym-webarena",
        tuple(f"WA_{name}" for name in _WEBARENA),
        "the addresses of WebArena's own servers, which you run",
    ),
    "workarena": Family(
        "browsergym-workarena",
        ("SNOW_INSTANCE_URL", "SNOW_INSTANCE_UNAME", "SNOW_INSTANCE_PWD"),
        "a ServiceNow instance with WorkArena's data, and its administrator",
    ),
}


def register(environment: str) -> None:
    """Makes an id known to Gymnasium, once it is clear that it can be used.

    Raises:
        DomainError: no such family or id, or something of it is missing; the message says what.
    """
    name = environment.removeprefix("browsergym/").partition(".")[0]
    family = FAMILIES.get(name)
    if not environment.startswith("browsergym/") or family is None:
        raise DomainError(
            f"{environment!r} is no task of BrowserGym; expected 'browsergym/FAMILY.TASK', FAMILY being one of "
            f"{', '.join(FAMILIES)}"
        )
    missing = [variable for variable in family.variables if not os.environ.get(variable)]
    if missing:
        raise DomainError(f"{environment} needs {family.brings}: set {', '.join(missing)}")
    try:
        importlib.import_module(f"browsergym.{name}")
    except ModuleNotFoundError as error:
        raise DomainError(f"{environment} needs the package {family.package} ({error}): pip install it") from None
    except Exception as error:  # some fetch their data when they are imported
        about = f" ({family.brings})" if family.brings else ""
        raise DomainError(f"{family.package} cannot be used{about}: {type(error).__name__}: {error}") from error
    if environment not in gymnasium.registry:
        near = get_close_matches(environment, gymnasium.registry, 1)
        raise DomainError(f"BrowserGym has no task {environment!r}{f'; did you mean {near[0]!r}?' if near else ''}")


def lend_browser() -> None:
    """Shows Playwright the machine's Chromium where it looks for its own, unless that was downloaded.

    BrowserGym opens two browsers an environment, one of which takes no path. So a folder of links is made in the cache,
    and PLAYWRIGHT_BROWSERS_PATH names it to Playwright from now on in this process.

    Raises:
        NoBrowser: there is no Chromium.
    """
    package = Path(playwright.__file__).parent / "driver" / "package" / "browsers.json"
    known = json.loads(package.read_text(encoding="utf-8"))["browsers"]
    revision = next(browser["revision"] for browser in known if browser["name"] == "chromium")
    place = Path(f"chromium-{revision}", "chrome-linux", "chrome")
    downloaded = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
    if Path(downloaded, place).exists():
        return
    folder = cache_dir() / "browsers"
    link = folder / place
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(find_chromium())
    os.environ["PLAYWRIGHT_BROWSERS_PATH"] = str(folder)


def environment_options(environment: str) -> dict[str, Any]:
    """What Gymnasium must be told to make it: where MiniWoB's pages are, if MINIWOB_URL does not say so.

    Raises:
        DomainError: there are no pages.
    """
    if not environment.startswith("browsergym/miniwob.") or os.environ.get("MINIWOB_URL"):
        return {}
    found = importlib.util.find_spec("miniwob")
    if found is None or found.origin is None:
        raise DomainError(f"{environment} needs MiniWoB's pages: pip install miniwob, or set MINIWOB_URL")
    pages = Path(found.origin).parent / "html" / "miniwob"
    return {"task_kwargs": {"base_url": f"{pages.as_uri()}/"}}

"""The kinds of value models that `--value` names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..search.errors import MissingPart, SearchError, UnknownName
from ..value_models import VLLM, Indifferent
from ..value_models.client import Client
from ..value_models.learned import Checkpoint, Embeddings, LearnedValue
from ..value_models.pooled import ProcessReward, RewardModel
from ..value_models.protocols import ValueModel
from ..value_models.steps import HEADED

Make = Callable[[str, str, str | None], ValueModel]


def _head(directory: str, url: str, name: str | None) -> ValueModel:
    if not directory:
        raise SearchError("--value head:DIR names the directory of a trained head; treewright train-value makes one")
    return LearnedValue(Path(directory), Embeddings(Client(url, name)))


def _steps(directory: str, url: str, name: str | None) -> ValueModel:
    form = Checkpoint.load(Path(directory)).form if directory else HEADED
    return ProcessReward(Client(url, name), form)


def _web_judge(_: str, url: str, name: str | None) -> ValueModel:
    from ..domains.web.trajectory import web_judge

    return web_judge(url, name)


def _rollout(_: str, __: str, ___: str | None) -> ValueModel:
    try:
        from ..domains.gym import Rollout
    except ModuleNotFoundError as error:
        raise MissingPart(f"--value rollout needs the package {error.name}: pip install treewright[gym]") from None
    return Rollout()


KINDS: dict[str, tuple[str, Make]] = {
    "label": ("probability of Yes", lambda _, url, name: VLLM(url, name, value="label")),
    "judge": ("a number with its reason", lambda _, url, name: VLLM(url, name, value="judge")),
    "web_judge": ("a judge of web trajectories, with side effects and loops as flags", _web_judge),
    "reward": ("a reward model", lambda _, url, name: RewardModel(Client(url, name))),
    "steps:DIR": ("a process reward model; DIR holds the checkpoint", _steps),
    "head:DIR": ("a trained head", _head),
    "rollout": ("random play", _rollout),
    "none": ("every state is worth the same", lambda *_: Indifferent()),
}
HELP = "; ".join(f"{name}: {about}" for name, (about, _) in KINDS.items())


def value_model(text: str, url: str, name: str | None) -> ValueModel:
    """The value model that a text names: a kind, or "head:" and a directory.

    Raises:
        UnknownName: no such kind.
        MissingPart: rollouts without the extra `gym`.
        WrongHead: the directory holds no head.
        ValueError: the address is none.
    """
    kind, _, argument = text.partition(":")
    known = {name.partition(":")[0]: make for name, (_, make) in KINDS.items()}
    if kind not in known:
        raise UnknownName("values for --value", text, KINDS)
    return known[kind](argument, url, name)

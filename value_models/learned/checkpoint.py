"""A served model's directory with a trained head in it: a reward model that vLLM serves with `--runner pooling`."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import SetupFailed, WrongHead
from ..steps import StepForm, headed

INDEX = "model.safetensors.index.json"
HEAD_SHARD = "head.safetensors"
FACTS = "treewright-head.json"
_ARCHITECTURE = "ForSequenceClassification"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A directory that vLLM serves as a reward model.

    Attributes:
        directory: where it is.
        form: how `ProcessReward` shows it steps; its `pooler` is what vLLM's --pooler-config must then be.
    """

    directory: Path
    form: StepForm

    @classmethod
    def load(cls, directory: Path) -> Checkpoint:
        """The checkpoint in a directory.

        Raises:
            WrongHead: none that `write_checkpoint` wrote.
        """
        try:
            facts = json.loads((directory / FACTS).read_text(encoding="utf-8"))
            return cls(directory, headed(facts["tag"], facts["step_tag_id"]))
        except (OSError, ValueError, KeyError) as error:
            raise WrongHead(f"{directory} holds no checkpoint with a head: {error}") from error


def write_checkpoint(base: Path, weights: npt.NDArray[Any], directory: Path, form: StepForm) -> Checkpoint:
    """Writes the model in `base` with a head of one class; its probability is 1 / (1 + exp(-weights . x)).

    The model's own files are linked, or copied where that cannot be; the head is one more shard, in float32.

    Args:
        base: a Hugging Face directory with safetensors.
        weights: on the last hidden state, (D,).
        directory: a new one.
        form: how the head was shown steps.

    Raises:
        SetupFailed: `base` is no such directory, or `directory` exists.
        WrongHead: the weights are not as many as the model's hidden size.
    """
    try:
        config = json.loads((base / "config.json").read_text(encoding="utf-8"))
        hidden, (causal, *_) = config["hidden_size"], config["architectures"]
    except (OSError, ValueError, KeyError) as error:
        raise SetupFailed(f"{base} is no model's directory with a config.json: {error}") from error
    if weights.shape != (hidden,):
        raise WrongHead(f"a head of shape {weights.shape} does not fit {base}, whose hidden size is {hidden}")
    if directory.exists():
        raise SetupFailed(f"{directory} is there already; name a new directory")
    index = _index(base)
    directory.mkdir(parents=True)
    for file in base.iterdir():
        if file.is_file() and file.name not in ("config.json", INDEX):
            _put(file, directory / file.name)
    _write_tensor(directory / HEAD_SHARD, "score.weight", weights.astype("<f4")[None, :])
    index["weight_map"]["score.weight"] = HEAD_SHARD
    (directory / INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")
    config |= {
        "architectures": [causal.removesuffix("ForCausalLM") + _ARCHITECTURE],
        "num_labels": 1,
        "id2label": {"0": "good"},
        "label2id": {"good": 0},
    }
    (directory / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    (directory / FACTS).write_text(json.dumps({"tag": form.tag, **json.loads(form.pooler)}), encoding="utf-8")
    return Checkpoint(directory, form)


def _index(base: Path) -> dict[str, Any]:
    """Which file holds which tensor of the model."""
    if (base / INDEX).exists():
        found: dict[str, Any] = json.loads((base / INDEX).read_text(encoding="utf-8"))
        return found
    files = sorted(base.glob("*.safetensors"))
    if not files:
        raise SetupFailed(f"{base} has no safetensors; a checkpoint with a head is made of such")
    return {"metadata": {}, "weight_map": {name: file.name for file in files for name in _tensors(file)}}


def _tensors(file: Path) -> list[str]:
    """The names in a safetensors file: 8 bytes of length, then a JSON header of that length."""
    with file.open("rb") as opened:
        header = json.loads(opened.read(int.from_bytes(opened.read(8), "little")))
    return [name for name in header if name != "__metadata__"]


def _write_tensor(file: Path, name: str, tensor: npt.NDArray[np.float32]) -> None:
    data = tensor.tobytes()
    entry = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [0, len(data)]}
    header = json.dumps({"__metadata__": {"format": "pt"}, name: entry}).encode()
    header += b" " * (-len(header) % 8)
    file.write_bytes(len(header).to_bytes(8, "little") + header + data)


def _put(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)

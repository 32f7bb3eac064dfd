"""Hugging Face data sets by the real package, from a local directory."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from doubling import RECORD

from treewright.domains.protocol import DomainError
from treewright.runs import load_suite
from treewright.runs.hub import download
from treewright.search import MissingPart

RECORDS = [{key: value for key, value in RECORD.items() if key != "visible"}, {**RECORD, "id": "second"}]


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("datasets", reason="the package datasets is not installed")
    monkeypatch.setenv("TREEWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "hf"))
    data = tmp_path / "doubling"
    data.mkdir()
    (data / "test.jsonl").write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    return data


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # the package's own
def test_a_data_set_becomes_a_suite(directory: Path) -> None:
    suite = load_suite("code", hub=str(directory))
    assert [task.id for task in suite.tasks] == ["double", "second"]
    with pytest.raises(DomainError, match="cannot be loaded"):
        download(f"{directory}::no_such_split")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # the package's own
def test_fields_and_split_of_a_data_set(directory: Path) -> None:
    rows = [{"q": "What is 2 + 2?", "a": 4}, {"q": "What is 2 * 3?", "a": 6}]
    (directory / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (directory / "test.jsonl").unlink()
    suite = load_suite("rows", hub=str(directory), split="train", fields={"text": "q", "hidden": "a"})
    assert [(task.text, task.hidden) for task in suite.tasks] == [("What is 2 + 2?", "4"), ("What is 2 * 3?", "6")]
    assert suite.split == "train"


def test_what_was_loaded_once_is_there_without_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREEWRIGHT_CACHE", str(tmp_path))
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingPart, match="needs the package datasets"):
        download("owner/name:main", "train")
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "owner_name-main-train.jsonl").write_text("{}\n")
    assert download("owner/name:main", "train").read_text() == "{}\n"
    assert download("owner/name:main:train") == download("owner/name:main", "train")


def test_a_split_is_named_once() -> None:
    with pytest.raises(MissingPart, match="not both"):
        download("owner/name::train", "test")


def test_a_place_is_given_once(tmp_path: Path) -> None:
    with pytest.raises(MissingPart, match="not both"):
        load_suite("mbpp", hub="x", data=tmp_path)

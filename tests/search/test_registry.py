"""Names are found among what is installed at the moment of the question."""

from __future__ import annotations

from pathlib import Path

import pytest

from treewright.search.errors import NameCollision, UnknownName
from treewright.search.registry import load, names


def install(folder: Path, package: str, *declared: str) -> None:
    """What an installer leaves of a package that declares recipes."""
    metadata = folder / f"{package}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("\n".join(["[treewright.recipes]", *declared]) + "\n")


def test_a_package_that_is_installed_meanwhile_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = names("recipes")
    with pytest.raises(UnknownName, match="own_recipe"):
        load("recipes", "own_recipe")
    monkeypatch.syspath_prepend(tmp_path)
    assert names("recipes") == before
    install(tmp_path, "theirs", "own_recipe = math:floor")
    assert names("recipes") == sorted([*before, "own_recipe"])
    assert load("recipes", "own_recipe")(1.5) == 1
    (tmp_path / "theirs-1.0.dist-info").rename(tmp_path / "gone")
    assert names("recipes") == before


def test_two_packages_with_one_name_are_a_collision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    install(tmp_path, "theirs", "own_recipe = math:floor")
    install(tmp_path, "others", "own_recipe = math:ceil")
    with pytest.raises(NameCollision, match="own_recipe"):
        load("recipes", "own_recipe")
    assert names("domains"), "a collision among recipes is no concern of the domains"

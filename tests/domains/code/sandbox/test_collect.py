"""Which files are gathered; tests/domains/code/sandbox/hostile/attacks/returned_files.py has the tricks."""

from __future__ import annotations

from pathlib import Path

import pytest

from treewright.domains.code.sandbox.inside.collect import gather, pack, unpack


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a.txt", "b.bin", "in/c.txt", "in/deep/d.txt", "in/deep/e\n.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "link.txt").symlink_to("a.txt")
    (tmp_path / "up").symlink_to("..")
    return tmp_path


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["*.txt"], ["a.txt"]),
        (["*"], ["a.txt", "b.bin"]),
        (["in/*"], ["in/c.txt"]),
        (["**/*.txt"], ["a.txt", "in/c.txt", "in/deep/d.txt"]),
        (["in/**/*"], ["in/c.txt", "in/deep/d.txt", "in/deep/e\n.py"]),
        (["in/deep/d.txt", "b.bin"], ["b.bin", "in/deep/d.txt"]),
        (["link.txt", "up/*", "../*"], []),
    ],
)
def test_patterns_are_compared_with_the_whole_path(tree: Path, patterns: list[str], found: list[str]) -> None:
    files = gather(str(tree), patterns, 1000)
    assert list(files) == found
    assert all(content == path.encode() for path, content in files.items())
    assert unpack(pack(files)) == files


def test_what_goes_beyond_the_limit_is_left_out(tree: Path) -> None:
    (tree / "a.txt").write_bytes(b"x" * 100)
    assert list(gather(str(tree), ["*"], 99)) == ["b.bin"]
    assert list(gather(str(tree), ["*"], 100)) == ["a.txt"]

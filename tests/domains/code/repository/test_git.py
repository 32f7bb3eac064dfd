"""The store of commits: reading, changing, patching, searching, and paths that lead out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from treewright.domains.code.repository.git import GitError, Store, is_safe


def test_a_change_is_a_new_commit_and_the_old_one_stays(store: Store) -> None:
    base = store.commit("main")
    after = store.changed(base, {"calc/core.py": b"x = 1\n", "calc/text.py": None, "new/file.txt": b"\x00\xff"})
    assert store.files(base)["calc/core.py"].startswith(b"def add")
    assert store.files(after)["calc/core.py"] == b"x = 1\n"
    assert store.files(after)["new/file.txt"] == b"\x00\xff"
    assert "calc/text.py" not in store.files(after)
    assert list(store.directory.glob("index-*")) == []


def test_equal_changes_are_one_commit_and_one_tree(store: Store) -> None:
    base = store.commit("main")
    one, other = (store.changed(base, {"a": b"1"}) for _ in range(2))
    assert one == other
    assert store.tree(store.changed(one, {"a": None})) == store.tree(base)


def test_a_diff_can_be_applied_again(store: Store) -> None:
    base = store.commit("main")
    after = store.changed(base, {"calc/core.py": b"x = 1\n", "b.txt": b"new\n"})
    diff = store.diff(base, after)
    assert store.tree(store.applied(base, diff)) == store.tree(after)
    with pytest.raises(GitError, match=r"calc/core\.py"):
        store.applied(after, diff)


@pytest.mark.parametrize("path", ["../out", "a/../../out", "/etc/passwd", ".git/config", "a/.GIT/hooks"])
def test_paths_that_lead_out_are_refused_by_us_and_by_git(store: Store, path: str) -> None:
    assert not is_safe(path)
    patch = f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n"
    with pytest.raises(GitError):
        store.applied(store.commit("main"), patch)


def test_search_is_by_regular_expression(store: Store) -> None:
    base = store.commit("main")
    assert store.search(base, r"return a [-+]", 9) == ["calc/core.py:2:    return a - b"]
    assert store.search(base, "nothing like this", 9) == []
    assert len(store.search(base, "def", 2)) == 2
    with pytest.raises(GitError):
        store.search(base, "(", 9)


def test_what_is_no_repository_or_commit_is_named(tmp_path: Path, store: Store) -> None:
    with pytest.raises(GitError):
        Store.cloned(tmp_path / "nowhere", tmp_path / "clone.git")
    with pytest.raises(GitError):
        store.commit("no-such-branch")
    with pytest.raises(GitError, match="is no commit id"):
        store.files("--output=/tmp/x")


def test_a_clone_has_the_commits_and_runs_no_hooks(tmp_path: Path, store: Store) -> None:
    hook = store.directory / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch hooked\n")
    hook.chmod(0o755)
    clone = Store.cloned(store.directory, tmp_path / "clone.git")
    assert clone.files(clone.commit("main")) == store.files(store.commit("main"))
    assert not list(tmp_path.rglob("hooked"))
    assert subprocess.run(["git", "-C", str(clone.directory), "fsck"], capture_output=True, check=False).returncode == 0

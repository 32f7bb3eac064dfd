"""Actions as models write them."""

from __future__ import annotations

import pytest

from treewright.domains.code.repository.actions import Action, Replacement, read_action
from treewright.domains.protocol import BadProposal


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("list", Action("list")),
        ("list .", Action("list")),
        ("list src/\nand then", Action("list", path="src")),
        ("search def f\\(", Action("search", text="def f\\(")),
        ("view a/b.py", Action("view", path="a/b.py")),
        ("view ./a/b.py 10-20", Action("view", path="a/b.py", lines=(10, 20))),
        ("view a.py:7", Action("view", path="a.py", lines=(7, 7))),
        ("test", Action("test")),
        ("test a.b c.d", Action("test", words=("a.b", "c.d"))),
        ("run python -c 'print(1)'", Action("run", words=("python", "-c", "print(1)"))),
        ("finish", Action("finish")),
        ("I will look at the files first.\nlist src", Action("list", path="src")),
        ("ACTION view a.py", Action("view", path="a.py")),
        ("Action: test", Action("test")),
        ("```\nview a.py 2-3\n```", Action("view", path="a.py", lines=(2, 3))),
        ("It must be\ntest code, I think.\nfinish", Action("finish")),
        ("Let us see:\n```python\nlist = 1\n```", Action("python", text="list = 1\n")),
        (
            "The fix:\n```\nedit a.py\n<<<<<<< SEARCH\nlist\n=======\nx\n>>>>>>> REPLACE\n```",
            Action("edit", path="a.py", replacements=(Replacement("list\n", "x\n"),)),
        ),
        ("```diff\n--- a/x\n+++ b/x\n```", Action("diff", text="--- a/x\n+++ b/x\n")),
        ("```python\nprint(1)\n```\nrest", Action("python", text="print(1)\n")),
        (
            "edit a.py\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\ny = 3\n>>>>>>> REPLACE\n",
            Action("edit", path="a.py", replacements=(Replacement("x = 1\n", "x = 2\ny = 3\n"),)),
        ),
        (
            "edit new.py\r\n<<<<<<< SEARCH\r\n=======\r\nx\r\n>>>>>>> REPLACE",
            Action("edit", path="new.py", replacements=(Replacement("", "x\n"),)),
        ),
        ("edit a.py\nx = 2", Action("edit", path="a.py")),
        ("Edit `a.py`", Action("edit", path="a.py")),
        ("Finish", Action("finish")),
        ("Edit needed:\nview a.py", Action("view", path="a.py")),
        ("Test first.\n\nview a.py", Action("view", path="a.py")),
        ("Finish\nview a.py", Action("view", path="a.py")),
        ("Edit\n```diff\n--- a/x\n+++ b/x\n```", Action("diff", text="--- a/x\n+++ b/x\n")),
    ],
)
def test_an_action_is_read(text: str, action: Action) -> None:
    assert read_action(text) == action


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "format"),
        ("I would look at the file first.", "format"),
        ("search", "format"),
        ("run", "format"),
        ("run 'unclosed", "format"),
        ("view ", "format"),
        ("Edit a.py and mend it.", "format"),
        ("Edit a.py:\nx = 2", "format"),
        ("Finish.", "format"),
        ("view ../secret", "path"),
        ("edit /etc/passwd\n<<<<<<< SEARCH\n=======\nx\n>>>>>>> REPLACE", "path"),
        ("list .git", "path"),
        ("x" * 50_000, "format"),
    ],
)
def test_what_is_no_action_is_dropped_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(BadProposal) as raised:
        read_action(text)
    assert raised.value.reason == reason

"""The grammar: what it reads, and how it says what it does not."""

from __future__ import annotations

import pytest

from treewright.domains.protocol import BadProposal
from treewright.domains.web.actions import SIGNATURES, WebAction, read_action, read_actions


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("click('12')", WebAction("click", ("12",))),
        ('fill("a12", "it\'s, (here)")  # a comment', WebAction("fill", ("a12", "it's, (here)"))),
        ("click(12)", WebAction("click", ("12",))),
        ("select_option('3', ['M', 'L'])", WebAction("select_option", ("3", ("M", "L")))),
        ("select_option('3', ['M'])", WebAction("select_option", ("3", "M"))),
        ("scroll(0, -200.5)", WebAction("scroll", (0, -200.5))),
        ("stop()", WebAction("stop")),
        ("send_msg_to_user('12.99')", WebAction("stop", ("12.99",))),
        ("tab_focus(1)", WebAction("tab_focus", (1,))),
    ],
)
def test_reads_browser_gyms_calls(line: str, action: WebAction) -> None:
    assert read_action(line) == action
    assert read_action(action.text) == action


@pytest.mark.parametrize(
    ("line", "reason", "said"),
    [
        ("I click the button", "format", "no action"),
        ("clik('12')", "unknown", "Did you mean click"),
        ("click('12', '13')", "arguments", "click takes (bid)"),
        ("click(bid='12')", "format", "no action"),
        ("fill('12', 3)", "arguments", "text is a text in quotes, not 3"),
        ("scroll('a', 3)", "arguments", "dx is a number"),
        ("click(__import__('os'))", "arguments", "literals"),
        ("select_option('3', [])", "arguments", "one label or a list"),
        ("(" * 5000, "format", "at most"),
        ("(" * 500, "format", "no action"),
    ],
)
def test_says_what_is_wrong(line: str, reason: str, said: str) -> None:
    with pytest.raises(BadProposal) as caught:
        read_actions(line)
    assert caught.value.reason == reason
    assert said in str(caught.value)


def test_a_text_of_several_lines_is_several_actions() -> None:
    text = "```\nfill('1', 'x')\n# then\nclick('2')\n```"
    assert [action.text for action in read_actions(text)] == ["fill('1', 'x')", "click('2')"]


def test_every_signature_can_be_written() -> None:
    given = {"dx": 1, "dy": 2, "index": 0}
    for name, signature in SIGNATURES.items():
        action = WebAction(name, tuple(given.get(parameter, "1") for parameter in signature.parameters))
        assert read_action(action.text) == action

"""Going back: which way is taken, what it counts, and what happens when the page is another one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from web_pages import task

from treewright.domains.web import Diverged, Web
from treewright.domains.web.place import PageState

pytestmark = pytest.mark.browser

Make = Callable[..., Web]


def go(domain: Web, state: PageState, line: str) -> PageState:
    (action,) = domain.parse(state, line)
    after = domain.step(state, action).state
    domain.see(after)
    return after


def test_the_live_page_is_gone_on_with_and_the_others_are_replayed(make: Make) -> None:
    domain = make(contexts=1)
    root = domain.reset(task("/"))
    one = go(domain, root, "click('1')")
    two = go(domain, one, "click('1')")
    assert domain.counts.restores == {"warm": 2}
    go(domain, two, "noop()")
    again = go(domain, one, "noop()")
    assert domain.see(again).page.url.endswith("/next")
    go(domain, root, "noop()")
    assert domain.counts.restores == {"warm": 3, "replay": 1, "reset": 1}
    assert domain.counts.actions == 3 + 2 + 1
    assert domain.counts.pages == 6
    assert domain.counts.by_replay == 1 + 2 + 3 + 2 + 1
    assert not domain.counts.divergences
    assert domain.counts.share_without_replay == 0.8


def test_several_contexts_keep_several_places(make: Make) -> None:
    domain = make(contexts=3)
    roots = [domain.reset(task(path)) for path in ("/", "/next", "/form")]
    for root in roots:
        domain.see(root)
    for root in roots:
        go(domain, root, "noop()")
    assert domain.counts.restores == {"warm": 3}


def test_a_step_does_not_touch_the_browser_before_somebody_looks(make: Make) -> None:
    domain = make()
    root = domain.reset(task("/"))
    assert domain.counts.pages == 0
    (action,) = domain.parse(root, "click('1')")
    step = domain.step(root, action)
    assert (domain.counts.pages, domain.counts.actions) == (1, 0)
    assert step.key == "click('1')"
    assert domain.step(root, action).key == step.key


def test_cookies_and_address_restore_a_page_where_the_site_says_so(make: Make) -> None:
    domain = make(contexts=1, page_from_context=True, stateless=False)
    root = domain.reset(task("/count"))
    kept = go(domain, root, "click('2')")
    go(domain, kept, "click('1')")
    assert domain.counts.restores == {"warm": 2}
    back = go(domain, kept, "noop()")
    assert domain.see(back).page.lines[0].text == "Kept 1"
    assert domain.counts.restores == {"warm": 2, "state": 1}


def test_a_page_that_is_no_function_of_its_context_is_replayed(make: Make) -> None:
    domain = make(contexts=1, page_from_context=True, stateless=False)
    root = domain.reset(task("/count"))
    twice = go(domain, root, "click('1')")
    assert domain.see(twice).page.lines[0].text == "Seen 2 times"
    go(domain, twice, "click('1')")
    thrice = go(domain, twice, "click('1')")  # opening the address again counts a visit too many
    assert domain.see(thrice).page.lines[0].text == "Seen 3 times"
    assert domain.counts.restores == {"warm": 2, "state": 1, "replay": 1}
    assert domain.counts.divergences == {"state": 1}
    for _ in range(2):
        go(domain, thrice, "noop()")
    assert domain.counts.restores == {"warm": 3, "state": 2, "replay": 2}, "its parent was not asked again"


def test_a_form_that_was_not_sent_is_filled_again_on_the_page_of_its_parent(make: Make) -> None:
    domain = make(contexts=1, page_from_context=True, stateless=False)
    start = go(domain, domain.reset(task("/")), "click('1')")
    form = go(domain, start, "goto('http://pages.test/form')")
    box = next(line for line in domain.see(form).page.lines if "Name" in line.text)
    filled = go(domain, form, f"fill('{box.bid}', 'Ann')")
    for _ in range(3):
        again = go(domain, filled, "noop()")
        assert domain.see(again).page.digest == domain.see(filled).page.digest
    counts = domain.counts
    assert counts.restores == {"warm": 4, "state": 1, "ancestor": 2}, "its own context is asked once"
    assert counts.divergences == {"state": 1}
    assert counts.actions == 3 + 1 + 2 * 2
    assert counts.share_without_replay == pytest.approx(4 / 6)


def test_a_page_that_no_address_opens_is_replayed_and_so_is_what_comes_after_it(make: Make) -> None:
    domain = make(contexts=1, page_from_context=True, stateless=False, reversible=("Send",))
    form = domain.reset(task("/form"))
    send = next(line for line in domain.see(form).page.lines if "Send" in line.text)
    sent = go(domain, form, f"click('{send.bid}')")  # the answer to a POST; a GET of its address is a 404
    count = go(domain, sent, "goto('http://pages.test/count')")
    for _ in range(2):
        go(domain, count, "noop()")
    assert domain.counts.restores == {"warm": 3, "state": 2, "replay": 1}
    assert domain.counts.divergences == {"state": 2}
    go(domain, sent, "noop()")
    assert domain.counts.restores == {"warm": 3, "state": 2, "replay": 2}


def test_an_ancestor_that_did_not_lead_to_a_page_is_not_tried_for_it_again(make: Make) -> None:
    domain = make(contexts=1, page_from_context=True, stateless=False)
    on = go(domain, domain.reset(task("/count")), "goto('http://pages.test/next')")
    back = go(domain, on, "go_back()")  # a new context has no page to go back to
    assert domain.see(back).page.url.endswith("/count")
    for _ in range(3):
        go(domain, back, "noop()")
    counts = domain.counts
    assert counts.restores == {"warm": 3, "state": 1, "ancestor": 1, "replay": 2}
    assert counts.divergences == {"state": 1, "ancestor": 1}
    assert counts.share_without_replay == 3 / 5


def test_a_replay_that_diverged_is_a_replay(make: Make) -> None:
    domain = make(contexts=1, on_divergence="go_on", stateless=False)
    after = go(domain, domain.reset(task("/chance")), "noop()")
    for _ in range(2):
        go(domain, after, "noop()")
    assert domain.counts.restores == {"warm": 2, "replay": 1}
    assert domain.counts.divergences == {"replay": 1}
    assert domain.counts.share_without_replay == pytest.approx(2 / 3)


def test_a_page_that_differs_fails_the_node_or_is_taken_as_it_is(make: Make) -> None:
    for policy in ("drop", "go_on"):
        domain = make(contexts=1, on_divergence=policy, stateless=False)
        root = domain.reset(task("/chance"))
        go(domain, root, "click('1')")
        (action,) = domain.parse(root, "noop()")
        after = domain.step(root, action).state
        if policy == "drop":
            with pytest.raises(Diverged, match="the page of task '/chance' was another one"):
                domain.see(after)
        else:
            assert domain.see(after).page.lines
        assert domain.counts.divergences == {"reset": 1}


def test_visits_are_closed_and_the_report_says_what_was_done(make: Make) -> None:
    domain = make(contexts=1, stateless=False)
    root = domain.reset(task("/"))
    go(domain, root, "click('1')")
    go(domain, root, "click('1')")
    domain.close()
    assert domain.site.closed == 2  # type: ignore[attr-defined]
    assert "browser actions 2 (by reset and replay 2;" in domain.counts.report()
    assert "1 warm" in domain.counts.report()
    assert "100% without replay" in domain.counts.report()

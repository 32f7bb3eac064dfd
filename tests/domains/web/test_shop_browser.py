"""The shop in a real Chromium: tasks done by clicking, branches that part, and going back by snapshots."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("flask", reason="needs the package flask")
pytest.importorskip("playwright", reason="needs treewright[web]")

from webshop_site.site import ShopSite

from treewright.domains import DomainError, Task
from treewright.domains.web import NoBrowser, Web, find_chromium
from treewright.domains.web.place import PageState
from treewright.search import Budget, mcts, solve
from treewright.value_models import ScriptedValue, Uniform

try:
    find_chromium()
except NoBrowser as error:
    pytest.skip(str(error), allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def site() -> Iterator[ShopSite]:
    made = ShopSite(slow_seconds=0.5)
    yield made
    made.shut()


@pytest.fixture
def domain(site: ShopSite) -> Iterator[Web]:
    made = Web(site, max_steps=20)
    yield made
    made.close()


class Shopper:
    """Walks from state to state by the names of elements."""

    def __init__(self, domain: Web, task: Task) -> None:
        self.domain, self.task = domain, task
        self.start = domain.reset(task)

    def find(self, state: PageState, role: str, name: str) -> str:
        found = self.domain.see(state).page.elements.values()
        bids = [f.element.bid for f in found if f.element.role == role and name in f.element.name]
        assert bids, f"no {role} {name!r} among {[(f.element.role, f.element.name) for f in found]}"
        return bids[0]

    def do(self, state: PageState, *actions: tuple[str, ...]) -> PageState:
        for name, role, label, *rest in actions:
            text = ", ".join(repr(part) for part in (self.find(state, role, label), *rest))
            state = self.act(state, f"{name}({text})")
        return state

    def act(self, state: PageState, text: str) -> PageState:
        (action,) = self.domain.parse(state, text)
        after: PageState = self.domain.step(state, action).state
        return after

    def text(self, state: PageState) -> str:
        return self.domain.observe(state).notes

    def graded(self, state: PageState, said: str = "") -> bool | None:
        (action,) = self.domain.parse(state, f"stop({said!r})" if said else "stop()")
        return self.domain.grade(self.task, self.domain.step(state, action).answer).correct


def shopper(domain: Web, site: ShopSite, number: int) -> Shopper:
    return Shopper(domain, site.tasks()[number - 1])


def to_product(name: str) -> tuple[tuple[str, ...], ...]:
    return ("fill", "searchbox", "Search the shop", name), ("click", "button", "Search"), ("click", "link", name)


def test_a_purchase_is_made_by_clicking_and_graded(domain: Web, site: ShopSite) -> None:
    mara = shopper(domain, site, 19)
    checkout = mara.do(
        mara.start,
        *to_product("Heron wool cushion"),
        ("select_option", "combobox", "Colour", "black"),
        ("click", "button", "Add to basket"),
        ("click", "link", "Go to checkout"),
        ("select_option", "combobox", "Deliver to", "Work: 12 Foundry Yard, Astley"),
        ("click", "radio", "Express"),
    )
    assert mara.graded(checkout) is False, "nothing is ordered yet"
    ordered = mara.do(checkout, ("click", "button", "Place order"))
    assert "processing" in mara.text(ordered)
    assert mara.graded(ordered) is True
    (order,) = domain.parse(checkout, f"click('{mara.find(checkout, 'button', 'Place order')}')")
    assert domain.step(checkout, order).irreversible
    (search,) = domain.parse(checkout, f"click('{mara.find(checkout, 'button', 'Search')}')")
    assert not domain.step(checkout, search).irreversible


def test_branches_part_and_going_back_needs_no_replay(domain: Web, site: ShopSite) -> None:
    guest = shopper(domain, site, 4)
    product = guest.do(guest.start, *to_product("Ibis cotton blanket"))
    baskets = {}
    for colour in ("blue", "red"):
        chosen = guest.do(product, ("select_option", "combobox", "Colour", colour))
        baskets[colour] = guest.do(chosen, ("click", "button", "Add to basket"))
    for colour, other in (("blue", "red"), ("red", "blue"), ("blue", "red")):
        shown = guest.text(guest.do(baskets[colour], ("click", "link", "Basket (")))
        assert "Basket (1)" in shown
        assert f"blanket, 180 cm, {colour}" in shown
        assert f"blanket, 180 cm, {other}" not in shown
    assert guest.graded(baskets["blue"]) is True
    assert guest.graded(baskets["red"]) is False
    counts = domain.counts
    assert counts.restores["snapshot"] > 0
    assert counts.divergences["replay"] == 0


def test_the_slow_page_the_dialog_and_the_broken_page(domain: Web, site: ShopSite) -> None:
    guest = shopper(domain, site, 14)
    stock = guest.do(guest.start, *to_product("Crake steel kettle"), ("click", "link", "Stock in our stores"))
    assert "Mill Lane" in guest.text(stock)
    assert guest.graded(stock, "25") is True
    assert guest.graded(stock, "7") is False

    tobin = shopper(domain, site, 30)
    filled = tobin.do(tobin.start, *to_product("Jay ash trowel"), ("click", "button", "Add to basket"))
    emptied = tobin.do(filled, ("click", "button", "Empty the basket"))
    assert "Remove everything from the basket?" in tobin.text(emptied)

    outlet = guest.do(guest.start, ("click", "link", "Outlet"))
    for _ in range(8):
        if "Something went wrong" not in guest.text(outlet):
            break
        outlet = guest.do(outlet, ("click", "link", "Try again"))
    assert "Outlet: reduced goods" in guest.text(outlet)


def test_a_search_over_the_shop_has_every_page_again(domain: Web, site: ShopSite) -> None:
    result = solve(
        site.tasks()[1],
        domain=domain,
        policy=Uniform(),
        value=ScriptedValue(),
        recipe=mcts(max_depth=6, leaves=2),
        budget=Budget(expansions=16),
    )
    assert result.failures == ()
    counts = domain.counts
    assert counts.restores["snapshot"] > 0
    assert counts.divergences["replay"] == 0, (
        "what a snapshot does not hold, such as a field half filled, a replay does"
    )
    assert counts.actions < counts.by_replay


def test_another_task_is_refused(domain: Web) -> None:
    with pytest.raises(DomainError, match="shop-01 to shop-40"):
        domain.reset(Task("shop-41", "Buy the shop."))

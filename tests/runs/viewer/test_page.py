"""The page in a real Chromium: each thing that can be clicked or typed, with screenshots in tests/screenshots."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from viewer_runs import EVIL, apart, models

from treewright.search import RunReader, resume

pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
Shot = Callable[[str], None]


def until(page: Any, condition: str, seconds: float = 20.0) -> None:
    """Waits for a condition; Playwright's own way needs `eval`, which the page forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"never came true: {condition}"
        page.wait_for_timeout(20)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that may do nothing it should not: no dialog, no error, no request elsewhere."""
    context = browser.new_context(viewport={"width": 1400, "height": 860})
    page = context.new_page()
    wrong: list[str] = []
    page.on("dialog", lambda dialog: (wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: wrong.append(f"error {error}"))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: wrong.append(asked.url) if "//127.0.0.1:" not in asked.url else None)
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def shot(page: Any) -> Shot:
    SCREENSHOTS.mkdir(exist_ok=True)
    return lambda name: page.screenshot(path=str(SCREENSHOTS / f"{name}.png"))


@pytest.fixture(scope="module")
def address(serve: Callable[..., str], finished: Path) -> str:
    return serve(finished)


@pytest.fixture
def tree(page: Any, address: str) -> Any:
    """The page at the second task's tree, with its life."""
    page.goto(f"{address}#/task/1")
    until(page, "window.explorer?.tree?.life?.born.length > 1")
    until(page, "document.querySelector('#panel h2') !== null")
    return page


def selected(page: Any) -> int:
    return int(page.evaluate("explorer.selected"))


def texts(page: Any, selector: str) -> list[str]:
    return [text.strip() for text in page.locator(selector).all_text_contents()]


def test_tasks_are_listed_and_filtered(page: Any, address: str, shot: Shot) -> None:
    page.goto(address)
    page.wait_for_selector("#rows tr")
    assert texts(page, "#rows a") == ["pens/1", "pens/2", "pens/3"]
    shot("tasks")
    solved = [text for text in texts(page, "#rows tr") if "solved" in text]
    page.select_option("#status", "solved")
    assert len(texts(page, "#rows tr")) == len(solved)
    page.select_option("#status", "all")
    page.fill("#wanted", "3 boxes")
    assert texts(page, "#rows a") == ["pens/3"]
    assert page.text_content("#counted") == "1 of 3 tasks"
    page.click("#rows a")
    until(page, "window.explorer?.tree?.count > 1")
    assert page.url.endswith("#/task/2")
    page.click("#home")
    page.wait_for_selector("#rows tr")


def test_a_script_in_a_proposal_is_text(tree: Any, shot: Shot) -> None:
    tree.fill("#search", "<script")
    until(tree, "explorer.found.length > 0")
    tree.press("#search", "Enter")
    until(tree, "document.querySelector('#panel .proposal')?.textContent.includes('<script>')")
    assert tree.text_content("#panel .proposal") == EVIL
    shot("script_is_text")
    tree.locator("#panel details").evaluate_all("all => all.forEach((one) => (one.open = true))")
    tree.wait_for_timeout(200)
    assert tree.title() != "owned"
    assert tree.locator("#panel script, #panel img, #outline script, #outline img").count() == 0
    assert tree.evaluate("document.scripts.length") == 1


def test_the_canvas_pans_zooms_and_picks(tree: Any, shot: Shot) -> None:
    shot("tree")
    tree.click("#fit")
    box = tree.locator("#canvas").bounding_box()
    before = tree.evaluate("[explorer.view.left, explorer.view.top, explorer.view.scale]")
    tree.mouse.move(box["x"] + 300, box["y"] + 300)
    tree.mouse.down()
    tree.mouse.move(box["x"] + 360, box["y"] + 340, steps=5)
    tree.mouse.up()
    after = tree.evaluate("[explorer.view.left, explorer.view.top, explorer.view.scale]")
    assert (after[0] - before[0], after[1] - before[1]) == pytest.approx((60, 40), abs=1)
    tree.mouse.wheel(0, -400)
    until(tree, f"explorer.view.scale > {after[2]} * 2")
    node = tree.evaluate("explorer.tree.parent.indexOf(0)")
    tree.evaluate("node => explorer.view.centre(node)", node)
    x, y = tree.evaluate("node => [explorer.view.x(node), explorer.view.y(node)]", node)
    tree.mouse.click(box["x"] + x, box["y"] + y)
    until(tree, f"explorer.selected === {node}")
    until(tree, f"document.querySelector('#panel h2').textContent.startsWith('Node {node} ')")
    shown = tree.evaluate("explorer.places.order.length")
    tree.mouse.dblclick(box["x"] + x, box["y"] + y)
    until(tree, f"explorer.places.order.length < {shown}")


def test_nodes_fold_and_unfold(tree: Any, shot: Shot) -> None:
    count = tree.evaluate("explorer.tree.count")
    tree.click("#fold")
    until(tree, f"explorer.places.order.length < {count}")
    shot("folded")
    tree.click("#unfold")
    until(tree, f"explorer.places.order.length === {count}")
    tree.click("#unvisited")
    visited = tree.evaluate("explorer.tree.visits.filter((visits) => visits).length")
    until(tree, f"explorer.places.order.length === {visited}")


def test_colours_and_paths_are_chosen(tree: Any, shot: Shot) -> None:
    for colour in ("visits", "kind", "value"):
        tree.select_option("#colour", colour)
        shot(f"colour_{colour}")
    tree.select_option("#colour", "kind")
    assert set(texts(tree, "#legend")[0].split()) <= {"root", "step", "rootstep"}
    answer = tree.evaluate("explorer.tree.answer")
    assert tree.evaluate("explorer.view.pathNodes") == tree.evaluate("explorer.tree.path(explorer.tree.answer)")
    tree.select_option("#path", "principal")
    assert tree.evaluate("explorer.view.pathNodes") == tree.evaluate("explorer.tree.principal")
    tree.select_option("#path", "none")
    assert tree.evaluate("explorer.view.pathNodes") == []
    tree.click("#goal")
    until(tree, f"explorer.selected === {answer}")


def test_the_panel_shows_all_that_is_known_of_a_node(tree: Any, shot: Shot) -> None:
    tree.focus("#canvas")
    tree.keyboard.press("Home")
    until(tree, "document.querySelector('#panel h2').textContent.startsWith('Node 0')")
    assert "A shop has 2 boxes" in tree.text_content("#panel .proposal")
    assert {"System", "Prompt"} <= set(texts(tree, "#panel h3"))
    links = tree.locator("#panel .proposals a")
    first = links.first.text_content()
    links.first.click()
    until(tree, f"explorer.selected === {first}")
    until(tree, f"document.querySelector('#panel h2').textContent.startsWith('Node {first} ')")
    assert "Observation" in texts(tree, "#panel h3")
    assert re.search(r"appeared in turn \d+ of \d+", tree.text_content("#panel"))
    tree.locator("#panel details", has_text="score").locator("summary").click()
    shot("panel")
    assert "value 0." in tree.text_content("#panel details >> nth=0")


def test_text_is_searched(tree: Any, shot: Shot) -> None:
    tree.focus("#canvas")
    tree.keyboard.press("/")
    # The page may ask for the beginning of the text too: only what came for the whole text counts.
    with tree.expect_response(lambda response: response.url.endswith("find?text=answer%20is")) as answer:
        tree.keyboard.type("answer is")
    found = answer.value.json()
    assert len(found) > 1
    until(tree, f"document.querySelector('#found').textContent === '{len(found)} found'")
    assert tree.evaluate("explorer.found") == found
    tree.keyboard.press("Enter")
    until(tree, "document.querySelector('#found').textContent.includes(' of ')")
    first = selected(tree)
    assert first in found
    tree.keyboard.press("Enter")
    until(tree, f"explorer.selected !== {first}")
    shot("search")
    tree.keyboard.press("Escape")
    assert tree.evaluate("document.activeElement.id") == "canvas"


def test_the_slider_shows_the_tree_as_it_was(tree: Any, shot: Shot) -> None:
    steps = tree.evaluate("explorer.tree.steps")
    assert steps > 4
    middle = steps // 2
    tree.locator("#step").fill(str(middle))
    until(tree, f"explorer.tree.step === {middle}")
    shot("halfway")
    born = tree.evaluate("explorer.tree.life.born")
    rows = tree.evaluate("explorer.outline.rows.length")
    assert rows == sum(step <= middle for step in born) < len(born)
    now, end = tree.evaluate("[explorer.tree.now.visits[0], explorer.tree.visits[0]]")
    assert 0 < now < end
    tree.click("#play")
    until(tree, f"Number(document.querySelector('#step').value) > {middle}")
    until(tree, f"Number(document.querySelector('#step').value) === {steps}")
    assert tree.evaluate("explorer.tree.now.visits === explorer.tree.visits")


def test_what_the_slider_sums_is_what_the_search_ended_with(tree: Any) -> None:
    told = tree.evaluate("explorer.tree.at(explorer.tree.steps)")
    visits, q = tree.evaluate("[explorer.tree.visits, explorer.tree.q]")
    assert told["visits"] == visits
    assert [value is None for value in told["q"]] == [value is None for value in q]
    assert [value or 0 for value in told["q"]] == pytest.approx([value or 0 for value in q], abs=2e-4)
    story = tree.evaluate("explorer.tree.story(1)")
    assert (len(story), story[-1][2]) == (visits[1], pytest.approx(q[1], abs=2e-4))


def test_keys_move_between_nodes_and_fold(tree: Any) -> None:
    tree.focus("#canvas")

    def press(key: str, node: int) -> None:
        tree.keyboard.press(key)
        until(tree, f"explorer.selected === {node}")

    first, second = tree.evaluate("[...explorer.tree.parent.keys()].filter((n) => explorer.tree.parent[n] === 0)")[:2]
    press("Home", 0)
    press("ArrowRight", first)
    press("ArrowDown", second)
    press("ArrowUp", first)
    press("ArrowLeft", 0)
    tree.keyboard.press("Enter")
    until(tree, "explorer.places.order.length === 1")
    tree.keyboard.press("Enter")
    until(tree, "explorer.places.order.length > 1")
    press("a", tree.evaluate("explorer.tree.answer"))


def test_the_list_beside_the_canvas_can_be_read_aloud(tree: Any) -> None:
    tree.focus("#outline")
    tree.keyboard.press("Home")
    until(tree, "explorer.selected === 0")
    root = tree.locator("#row-0")
    assert root.get_attribute("role") == "treeitem"
    assert (root.get_attribute("aria-level"), root.get_attribute("aria-expanded")) == ("1", "true")
    assert root.get_attribute("aria-selected") == "true"
    assert tree.get_attribute("#outline", "aria-activedescendant") == "row-0"
    assert tree.get_attribute("#outline", "role") == "tree"
    tree.keyboard.press("ArrowDown")
    until(tree, "explorer.selected === explorer.places.order[1]")
    row = tree.locator(f"#row-{selected(tree)}")
    assert (row.get_attribute("aria-level"), row.get_attribute("aria-posinset")) == ("2", "1")
    assert row.get_attribute("aria-setsize") == str(tree.evaluate("explorer.tree.children[0]"))
    tree.keyboard.press("Home")
    until(tree, "explorer.selected === 0")
    tree.keyboard.press("ArrowLeft")
    until(tree, "document.querySelector('#row-0').getAttribute('aria-expanded') === 'false'")
    assert tree.locator("#outline [role=treeitem]").count() == 1
    assert "visits, q" in tree.text_content("#said") or "folded" in tree.text_content("#said")
    found = tree.locator("#outline").aria_snapshot()
    assert "treeitem" in found


def test_a_run_that_goes_on_is_followed(page: Any, serve: Callable[..., str], stopped: Path, shot: Shot) -> None:
    address = serve(stopped)
    unfinished = next(
        number for number, row in enumerate(RunReader(stopped).overview()) if row["stopped"] is None and row["calls"]
    )
    page.goto(f"{address}#/task/{unfinished}")
    until(page, "window.explorer?.tree?.count > 1")
    assert page.evaluate("explorer.finished") is False
    assert "not finished" in page.text_content("#verdict")
    shot("unfinished")
    before = page.evaluate("explorer.tree.count")

    async def go_on() -> None:
        async for _ in resume(stopped, **models()):
            pass

    apart(go_on())
    until(page, "explorer.finished")
    assert page.evaluate("explorer.tree.count") > before
    assert "stopped:" in page.text_content("#verdict")
    page.click("#home")
    page.wait_for_selector("#rows tr")
    until(page, "document.querySelector('#live').hidden")


def test_a_token_opens_the_page_and_leaves_the_address(page: Any, serve: Callable[..., str], finished: Path) -> None:
    address = serve(finished, "the-token")
    page.goto(f"{address}?token=the-token#/task/1")
    until(page, "window.explorer?.tree?.count > 1")
    assert "the-token" not in page.url


def test_a_tree_is_laid_out_as_drawn_by_hand(page: Any, address: str) -> None:
    # 0 -> 1, 2; 1 -> 3, 4, of which 4 is hidden; 2 -> 5, 6, folded
    page.goto(address)
    made = page.evaluate(
        """async () => {
            const { layout } = await import("/static/layout.js");
            const parent = Int32Array.from([-1, 0, 0, 1, 1, 2, 2]);
            const made = layout(parent, Uint8Array.from([0, 0, 1, 0, 0, 0, 0]), Uint8Array.from([0, 0, 0, 0, 1, 0, 0]));
            const plain = (value) => (value.length ? [...value] : value);
            return Object.fromEntries(Object.entries(made).map(([name, value]) => [name, plain(value)]));
        }"""
    )
    assert made["order"] == [0, 1, 3, 2]
    assert [made["y"][node] for node in made["order"]] == [0.5, 0, 0, 1]
    assert (made["level"], made["start"], made["rows"]) == ([0, 1, 2, 3], [0, 1, 3, 4], 2)

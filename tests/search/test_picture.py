"""Trees as pictures, and how a notebook shows them."""

from __future__ import annotations

import sys
from xml.etree import ElementTree

import pytest

from treewright.search import Cost, MissingPart, Result, Task, Tree
from treewright.search.picture import picture
from treewright.value_models import Usage

SVG = "{http://www.w3.org/2000/svg}"


def small() -> Tree:
    tree = Tree.planted("make 24", None)
    for text in ("8 / 4 = 2", "<script>alert(1)</script> & more", "4 + 8 = 12"):
        tree.grow(0, text)
    tree.grow(1, "2 * 12 = 24", answer="24", terminated=True, reward=1.0)
    for node, (visits, q) in zip(tree.nodes, [(4, 0.5), (1, 1.0), (0, 0.0), (3, 0.25), (1, 1.0)], strict=True):
        node.visits, node.q = visits, q
    return tree


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_every_node_is_drawn_with_its_text_as_text() -> None:
    assert texts(picture(small())) == [
        "make 24", "8 / 4 = 2", "<script>alert(1)</scrip…", "4 + 8 = 12", "2 * 12 = 24",
    ]  # fmt: skip
    assert "<script" not in picture(small())


def test_the_most_visited_are_drawn_first_and_the_rest_is_counted() -> None:
    assert texts(picture(small(), most=2)) == ["make 24 +2", "4 + 8 = 12"]


def test_a_marked_path_is_drawn_whatever_is_left_out() -> None:
    svg = picture(small(), mark=4, most=0)
    assert texts(svg) == ["make 24 +2", "8 / 4 = 2", "2 * 12 = 24"]
    assert svg.count('stroke-width="2.5"') == 2


def test_leaves_stand_below_each_other_and_parents_in_the_middle() -> None:
    circles = list(ElementTree.fromstring(picture(small())).iter(f"{SVG}circle"))
    places = [(float(circle.attrib["cx"]), float(circle.attrib["cy"])) for circle in circles]
    assert places == [(14, 50), (204, 26), (204, 50), (204, 74), (394, 26)]


def test_deeper_blue_is_a_higher_q() -> None:
    circles = list(ElementTree.fromstring(picture(small())).iter(f"{SVG}circle"))
    assert [circle.attrib["fill"] for circle in circles] == ["#6381a2", "#0a3d75", "#fff", "#90a3b8", "#0a3d75"]


def test_a_tree_of_one_node_is_drawn() -> None:
    assert texts(picture(Tree.planted("alone", None))) == ["alone"]


def test_a_notebook_shows_trees_and_results() -> None:
    tree = small()
    assert tree._repr_svg_() == picture(tree)
    task = Task("<b>id</b>", "make 24")
    result = Result(task, "24", 1.0, Cost(1, Usage(), Usage(), 0.0, 0.0), tree, 4, "solved")
    shown = result._repr_html_()
    assert "&lt;b&gt;id&lt;/b&gt;" in shown
    assert picture(tree, 4) in shown


def test_a_dataframe_has_a_row_a_node() -> None:
    pytest.importorskip("pandas")
    frame = small().to_dataframe()
    assert list(frame.index) == [0, 1, 2, 3, 4]
    assert frame.loc[4, "answer"] == "24"
    assert list(frame["visits"]) == [4, 1, 0, 3, 1]
    assert list(frame["depth"]) == [0, 1, 1, 1, 2]


def test_without_pandas_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingPart, match="pip install pandas"):
        small().to_dataframe()


def test_a_graph_has_all_facts_of_a_node() -> None:
    graph = small().to_networkx()
    assert graph.nodes[4]["kind"] == "step"
    assert graph.nodes[4]["terminated"] is True
    assert "state" not in graph.nodes[4]

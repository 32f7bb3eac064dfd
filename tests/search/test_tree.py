"""The finished tree: drawing, paths, graph, and the choice of the answer."""

from __future__ import annotations

from treewright.search import Tree
from treewright.search.answer import choose


def small() -> Tree:
    tree = Tree.planted("make 24", None)
    left = tree.grow(0, "8 / 4 = 2", prior=0.75)
    right = tree.grow(0, "4 + 8 = 12", prior=0.25)
    tree.grow(left.id, "2 * 12 = 24", answer="24", terminated=True, reward=1.0)
    tree.grow(right.id, "12 + 2\n= 14", answer="14", terminated=True, reward=0.0, multiplicity=3)
    for node, (visits, q) in zip(tree.nodes, [(4, 0.5), (1, 1.0), (3, 0.25), (1, 1.0), (1, 0.0)], strict=True):
        node.visits, node.q = visits, q
    tree.nodes[0].value = 0.5
    return tree


def test_render_draws_every_node_and_stars_the_path() -> None:
    assert small().render(mark=3).splitlines() == [
        "* make 24  [n=4 q=0.500 v=0.500]",
        "├─ * 8 / 4 = 2  [n=1 q=1.000 p=0.750]",
        "│  └─ * 2 * 12 = 24  [n=1 q=1.000 p=1.000 answer=24 reward=1]",
        "└─ 4 + 8 = 12  [n=3 q=0.250 p=0.250]",
        "   └─ 12 + 2 = 14  [n=1 q=0.000 p=1.000 answer=14 reward=0]",
    ]


def test_render_counts_what_it_does_not_draw() -> None:
    assert small().render(depth=1, width=1).splitlines() == [
        "make 24  [n=4 q=0.500 v=0.500]",
        "├─ 4 + 8 = 12  [n=3 q=0.250 p=0.250]",
        "│  └─ (1 below)",
        "└─ (1 more, 1 visits)",
    ]


def test_render_keeps_to_one_line_a_node() -> None:
    tree = small()
    tree.nodes[3].answer, tree.nodes[4].failure = "click('1')\nstop()", "Error:\n  no"
    drawn = tree.render()
    assert len(drawn.splitlines()) == 5
    assert "answer=click('1') stop() reward=1" in drawn
    assert "failed: Error: no" in drawn


def test_path_runs_from_the_root() -> None:
    assert [node.id for node in small().path(3)] == [0, 1, 3]


def test_to_networkx_has_all_nodes_and_edges() -> None:
    graph = small().to_networkx()
    assert sorted(graph.edges) == [(0, 1), (0, 2), (1, 3), (2, 4)]
    assert graph.nodes[3]["answer"] == "24"


def test_best_and_vote_differ() -> None:
    tree = small()
    best, vote = choose(tree, "best"), choose(tree, "vote")
    assert best is not None
    assert vote is not None
    assert (best.answer, vote.answer) == ("24", "14")


def test_no_end_no_answer() -> None:
    assert choose(Tree.planted("make 24", None), "best") is None

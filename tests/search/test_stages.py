"""Stages: schedules, gates, picks, closing debates; their budget, resume and replay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from popping import popping
from traces import World, trace

from treewright.search import (
    Agreed,
    Attempt,
    Budget,
    Choice,
    Counted,
    Each,
    Engine,
    Hard,
    Made,
    MissingPart,
    Population,
    Recipe,
    Replay,
    Root,
    Settled,
    Stage,
    Stages,
    Tree,
    Write,
    debate,
    malt,
    mcts,
    swe_search,
)
from treewright.search.described import described, recipe_of
from treewright.search.picks import best

WORLD = World(
    moves={"": ["a", "b"], "a": ["x", "y"], "b": ["x", "right"]},
    ends={"a x": 0.2, "a y": 0.4, "b x": 0.1, "b right": 0.3},
    says={"Say which of them": lambda _: ["argument"], "Give the number": lambda _: ["2", "3", "3"]},
)  # fmt: skip


def debating(reserve: int = 2) -> Recipe:
    return replace(
        mcts(n=2, leaves=1), closing=debate(agents=3, rounds=2, finalists=3), answer=Choice("verdict"), reserve=reserve
    )


def test_a_debate_follows_the_search_and_its_verdict_is_the_answer(tmp_path: Path) -> None:
    seen = trace(debating(), WORLD, 20, tmp_path / "run")
    assert [role for role, _ in seen.trails] == ["propose"] * 3 + ["write"] * 2
    assert seen.result.stopped == "exhausted", "why the search itself stopped"
    # Ends by answer, the best of each: y .4, right .3, x .2; shown as made: x, y, right, without their values.
    first, second = (call.prompt["user"] for call in seen.calls[3:])
    assert first == "Find the way.\n\nStep 1:\na\nx\n\nStep 2:\na\ny\n\nStep 3:\nb\nright"
    assert second == f"{first}\n\nArgument:\nargument", "three equal voices of the script are one, of multiplicity 3"
    # Verdicts: 2, 3, 3.
    assert (seen.result.answer, seen.result.path[-1].text) == ("right", "right")
    assert seen.result.cost.expansions == 5


def test_expansions_are_kept_back_for_the_debate(tmp_path: Path) -> None:
    seen = trace(debating(), WORLD, 5, tmp_path / "run")
    assert [role for role, _ in seen.trails] == ["propose"] * 3 + ["write"] * 2
    tight = trace(debating(), WORLD, 4, tmp_path / "tight")
    assert [role for role, _ in tight.trails] == ["propose"] * 2 + ["write"] * 2
    assert (tight.result.stopped, tight.result.cost.expansions) == ("expansions", 4)
    with pytest.raises(
        MissingPart, match="keeps back 2 expansions for its closing stages; give a budget of more than 2"
    ):
        Engine(WORLD, debating(), Budget(expansions=2))


def test_a_solved_task_is_not_debated(tmp_path: Path) -> None:
    seen = trace(debating(), replace(WORLD, ends={**WORLD.ends, "a x": 1.0}), 20, tmp_path / "run")
    assert (seen.result.stopped, seen.result.answer) == ("solved", "x")
    assert "write" not in [role for role, _ in seen.trails]


def solutions() -> World:
    return World(
        moves={"": ["a x", "b right"]}, ends={"a x": None, "b right": None},
        says={"You check": lambda _: ["check"], "made right": lambda _: ["b right"]},
    )  # fmt: skip


def test_a_schedule_replays_from_its_journal_without_a_miss(tmp_path: Path) -> None:
    recipe = malt(branch=2)
    seen = trace(recipe, solutions(), 20, tmp_path / "run")
    replayed = Replay(tmp_path / "run", domain=solutions()).search(recipe, Budget(expansions=20))
    assert (replayed.miss_rate, replayed.results[0].answer) == (0.0, seen.result.answer)
    assert [node.parents for node in replayed.results[0].tree.nodes] == [n.parents for n in seen.result.tree.nodes]


def test_a_domain_that_replays_gives_the_same_search(tmp_path: Path) -> None:
    kept = trace(malt(branch=2), solutions(), 20, tmp_path / "kept")
    again = trace(malt(branch=2), replace(solutions(), restore="replay"), 20, tmp_path / "again")
    assert [call.prompt for call in again.calls] == [call.prompt for call in kept.calls]


def test_the_budget_ends_a_schedule_between_two_requests(tmp_path: Path) -> None:
    seen = trace(malt(branch=2), solutions(), 2, tmp_path / "run")
    assert (seen.result.stopped, len(seen.calls)) == ("expansions", 2)
    assert seen.result.answer in ("x", "right"), "an unrefined solution, where nothing was refined"


def test_a_recipe_of_stages_is_read_back_from_its_description() -> None:
    recipe = replace(debating(), selection=malt().selection)
    assert recipe_of(described(recipe)) == recipe


def test_a_cycle_ends_before_a_round_where_its_gate_holds(tmp_path: Path) -> None:
    stages = Stages(
        (Stage(Attempt("try")),),
        (Stage(Write("note", "Note it.")), Stage(Attempt("try"))),
        5,
        Settled(("try",), 1, 0.05),
    )
    world = World(
        moves={}, ends=dict.fromkeys("abc", None), values={"a": 0.2, "b": 0.4, "c": 0.42},
        says={"Note it": popping(["n1", "n2", "n3"]), "Go on": popping(["a", "b", "c"])},
    )  # fmt: skip
    seen = trace(Recipe("loop", Attempt("try"), stages, "children"), world, 20, tmp_path / "run")
    # b rises by .2, c by .02 < .05: two rounds.
    assert (len(seen.calls), seen.result.stopped, seen.result.answer) == (5, "settled", "c")


def individuals(*worths: tuple[str, float]) -> Tree:
    tree = Tree.planted("task", None)
    for text, worth in worths:
        tree.grow(0, text, kind="one", value=worth, answer=text, acts=False)
    return tree


def test_a_population_takes_the_best_and_then_the_least_alike() -> None:
    tree = individuals(("red cat", 0.9), ("red dog", 0.8), ("blue fish", 0.1), ("red cat sits", 0.7))
    picked = Population(("one",), elites=1, diverse=2, partners=1).pick(tree, 1, None)  # type: ignore[arg-type]
    # After "red cat": "blue fish" has cosine 0 to it; then "red dog" (1/2) before "red cat sits" (2/sqrt 6).
    assert [tree.nodes[p.node].text for p in picked] == ["red cat", "blue fish", "red dog"]
    assert [tree.nodes[p.shown[1]].text for p in picked] == ["blue fish", "red cat", "blue fish"]
    assert Population(("one",), partners=1).pick(individuals(("alone", 1.0)), 1, None) == []  # type: ignore[arg-type]


def test_picks_by_worth_age_and_approval() -> None:
    tree = individuals(("a", 0.1), ("b", 0.5), ("c", 0.5), ("d", 0.9))

    def picked(**options: object) -> list[int]:
        return [p.node for p in Each(("one",), **options).pick(tree, 3, None)]  # type: ignore[arg-type]

    assert picked(keep=2) == [2, 4], "of equal ones the first, in the order made"
    assert (picked(last=True), picked(below=0.5), picked(least=0.5)) == ([3, 4], [1], [2, 3, 4])
    for node, text in ((1, "1 1"), (2, "1 0"), (3, "all good"), (4, "1")):
        tree.grow(node, text, kind="ruling", acts=False)
    assert (picked(approved="ruling"), picked(fresh=True), picked(fresh=True, approved="ruling")) == (
        [1, 4],
        [],
        [1, 4],
    )
    assert Root(("one",), newest=1).pick(tree, 1, None)[0].shown == (4,)  # type: ignore[arg-type]
    assert Root(("one",), keep=1).pick(tree, 1, None)[0].shown == (4,)  # type: ignore[arg-type]
    assert [node.id for node in best(tree.of_kind("one"), 3)] == [4, 2, 3]


def test_gates() -> None:
    tree = individuals(("a", 0.1), ("b", 0.5), ("b", 0.5))
    assert Agreed(("one",), 0.5).holds(tree)
    assert not Agreed(("one",)).holds(tree), "2 of 3: above 1, not above 2"
    assert Made(("one",), 3).holds(tree)
    assert not Made(("one",), 4).holds(tree)
    tree.nodes[1].measures = {"passed": 3}
    assert Counted(("one",), "passed", 3).holds(tree)
    assert not Counted(("one",), "passed", 4).holds(tree)
    assert not Settled(("one",), 3).holds(tree), "nothing to compare with"
    with pytest.raises(ValueError, match="spread is a standard deviation"):
        Hard(("one",), spread=0.0)
    with pytest.raises(ValueError, match="at least 1, not 0 and 1"):
        debate(agents=0, rounds=1)


def test_swe_searchs_paper_debates_three_rounds(tmp_path: Path) -> None:
    world = replace(WORLD, turns=True)
    seen = trace(swe_search(answer="verdict"), world, 12, tmp_path / "run")
    assert [role for role, _ in seen.trails][-3:] == ["write"] * 3
    assert seen.calls[-1].n == 5
    assert seen.result.cost.expansions <= 12

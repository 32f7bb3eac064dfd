"""Ask and tell: order, idempotence, failures, and what each recipe does with the tree."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from adding import Adding

from treewright.domains.protocol import Task
from treewright.search import (
    Budget,
    Engine,
    MissingPart,
    Outcome,
    Recipe,
    Result,
    Trial,
    UnknownTrial,
    beam,
    best_of_n,
    mcts,
    self_consistency,
)


def by_hand(trial: Trial, value: float = 0.5) -> Outcome:
    texts = ["3 3", "3 2 1", "2 2 2", "1 1"] if trial.operator.whole else ["1", "2", "3"]
    return Outcome(
        expansion=trial.expand(texts) if trial.wants_children else None,
        value=value if trial.wants_value else None,
    )


def run(engine: Engine, tasks: list[Task], at_once: int = 4, shuffle: int | None = None) -> list[Result]:
    engine.add(tasks)
    results: list[Result] = []
    out: list[Trial] = []
    rng = random.Random(shuffle)
    while True:
        out += engine.ask(at_once - len(out))
        results += engine.finished()
        if not out:
            return results
        trial = out.pop(rng.randrange(len(out)) if shuffle is not None else 0)
        assert engine.tell(trial, by_hand(trial))


RECIPES = [
    mcts(),
    mcts(rule="uct", backup="max"),
    mcts(evaluate="children"),
    beam(width=2),
    best_of_n(),
    self_consistency(),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: f"{recipe.name}-{recipe.evaluate}")
@pytest.mark.parametrize("shuffle", [None, 1, 2])
def test_many_tasks_told_in_any_order_are_each_finished_once(recipe: Recipe, shuffle: int | None) -> None:
    engine = Engine(Adding(listed=False), recipe, Budget(expansions=12), tasks_at_once=3)
    tasks = [Task(f"t{total}", str(total)) for total in range(4, 11)]
    results = run(engine, tasks, at_once=8, shuffle=shuffle)
    assert sorted(result.task.id for result in results) == sorted(task.id for task in tasks)
    assert engine.in_flight == engine.unfinished == 0
    for result in results:
        assert result.cost.expansions <= 12
        assert (result.stopped == "solved") == (result.answer == result.task.text and recipe.name != "self_consistency")


def test_statistics_at_rest_add_up() -> None:
    """With leaf evaluation a node's visits are its own evaluation plus its children's visits."""
    engine = Engine(Adding(paid=False), mcts(), Budget(expansions=15))
    (result,) = run(engine, [Task("t", "30")], at_once=5, shuffle=3)
    for node in result.tree.nodes:
        below = sum(result.tree.nodes[child].visits for child in node.children)
        assert node.visits == below + (node.value is not None)


def test_a_second_tell_changes_nothing() -> None:
    engine = Engine(Adding(), mcts(), Budget(expansions=5))
    engine.add([Task("t", "30")])
    (trial,) = engine.ask()
    assert engine.tell(trial, by_hand(trial))
    assert not engine.tell(trial, by_hand(trial, value=0.9))
    (other,) = engine.ask()
    assert other.node != trial.node
    assert trial.live.tree.nodes[0].value == 0.5


def test_another_engines_trial_is_refused() -> None:
    one, other = (Engine(Adding(), mcts(), Budget(expansions=5)) for _ in range(2))
    one.add([Task("t", "30")])
    (trial,) = one.ask()
    with pytest.raises(UnknownTrial, match="node 0 of task 't'"):
        other.tell(trial, by_hand(trial))


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (lambda _: Outcome(value=0.5), "wants children"),
        (lambda trial: Outcome(trial.expand(["1"])), r"wants a value in \[0, 1\]"),
    ],
)
def test_a_missing_part_is_named_and_nothing_is_lost(outcome: Callable[[Trial], Outcome], message: str) -> None:
    engine = Engine(Adding(), mcts(), Budget(expansions=5))
    engine.add([Task("t", "30")])
    (trial,) = engine.ask()
    with pytest.raises(ValueError, match=message):
        engine.tell(trial, outcome(trial))
    assert engine.tell(trial, by_hand(trial))


@pytest.mark.parametrize("value", [1.5, -0.1, float("nan")])
def test_a_value_out_of_range_is_refused_before_anything_changes(value: float) -> None:
    engine = Engine(Adding(), mcts(), Budget(expansions=5))
    engine.add([Task("t", "30")])
    (trial,) = engine.ask()
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
        engine.tell(trial, by_hand(trial, value))
    assert len(trial.live.tree.nodes) == 1
    assert engine.tell(trial, by_hand(trial))


def test_a_failed_trial_closes_its_node_and_the_search_goes_on() -> None:
    engine = Engine(Adding(), mcts(), Budget(expansions=10))
    engine.add([Task("t", "30")])
    (root,) = engine.ask()
    engine.tell(root, by_hand(root))
    (failing,) = engine.ask()
    engine.tell(failing, Outcome.failed(RuntimeError("no answer")))
    seen = set()
    while trials := engine.ask():
        seen.update(trial.node for trial in trials)
        for trial in trials:
            engine.tell(trial, by_hand(trial))
    (result,) = engine.finished()
    assert failing.node not in seen
    assert result.failures == ((failing.node, "RuntimeError: no answer"),)
    assert result.stopped == "expansions"


def test_a_tree_whose_every_leaf_fails_ends_exhausted() -> None:
    engine = Engine(Adding(), mcts(), Budget(expansions=10))
    engine.add([Task("t", "30")])
    (trial,) = engine.ask()
    engine.tell(trial, Outcome.failed(RuntimeError("no answer")))
    assert engine.ask() == []
    (result,) = engine.finished()
    assert (result.stopped, result.answer, result.value) == ("exhausted", None, 0.0)


def test_an_end_that_cannot_be_scored_is_closed() -> None:
    engine = Engine(Adding(paid=False), mcts(), Budget(expansions=30))
    engine.add([Task("t", "2")])
    ends_failed = 0
    while trials := engine.ask():
        for trial in trials:
            if trial.wants_children:
                engine.tell(trial, by_hand(trial))
            else:
                ends_failed += 1
                engine.tell(trial, Outcome.failed(RuntimeError("no score")))
    (result,) = engine.finished()
    assert result.stopped == "exhausted"
    assert ends_failed == sum(node.ended for node in result.tree.nodes) > 0


def test_seeds_depend_on_the_path_and_not_on_the_order() -> None:
    def seeds(shuffle: int) -> dict[tuple[str, ...], int]:
        engine = Engine(Adding(), mcts(), Budget(expansions=200), seed=5)
        engine.add([Task("t", "6", "never")])
        found: dict[tuple[str, ...], int] = {}
        out: list[Trial] = []
        rng = random.Random(shuffle)
        while out := out + engine.ask(6 - len(out)):
            trial = out.pop(rng.randrange(len(out)))
            found[tuple(node.text for node in trial.live.tree.path(trial.node))] = trial.seed
            engine.tell(trial, by_hand(trial))
        return found

    one, other = seeds(1), seeds(2)
    common = one.keys() & other.keys()
    assert len(common) > 3
    assert all(one[path] == other[path] for path in common)
    assert len(set(one.values())) == len(one)


def test_replayed_states_equal_kept_ones() -> None:
    kept = Engine(Adding(restore="fork"), mcts(), Budget(expansions=20))
    replayed = Engine(Adding(restore="replay"), mcts(), Budget(expansions=20))
    trees = [run(engine, [Task("t", "12", "never")])[0].tree for engine in (kept, replayed)]
    assert [node.text for node in trees[0].nodes] == [node.text for node in trees[1].nodes]
    assert [node.visits for node in trees[0].nodes] == [node.visits for node in trees[1].nodes]


def test_a_budget_that_the_recipe_never_spends_is_refused() -> None:
    with pytest.raises(MissingPart, match="expansions, policy_tokens, calls or seconds"):
        Engine(Adding(), best_of_n(), Budget(value_tokens=100))


def test_draws_that_fail_again_and_again_are_given_up() -> None:
    engine = Engine(Adding(), best_of_n(leaves=1), Budget(policy_tokens=1000))
    engine.add([Task("t", "30")])
    asked = 0
    while trials := engine.ask():
        asked += 1
        engine.tell(trials[0], Outcome.failed(RuntimeError("no answer")))
    (result,) = engine.finished()
    assert (asked, result.stopped) == (3, "failed")


def test_failed_scores_and_late_failures_are_no_failed_draws() -> None:
    engine = Engine(Adding(paid=False), best_of_n(leaves=4), Budget(expansions=4))
    engine.add([Task("t", "6")])
    trials = engine.ask(4)
    engine.tell(trials[0], Outcome(trials[0].expand(["3 3", "3 2 1", "2 2 2"])))
    for trial in engine.ask(3):
        assert not trial.wants_children
        engine.tell(trial, Outcome.failed(RuntimeError("no score")))
    for trial in trials[1:]:
        engine.tell(trial, Outcome(trial.expand(["1 2 3"])))
    while more := engine.ask():
        engine.tell(more[0], by_hand(more[0]))
    (result,) = engine.finished()
    assert (result.stopped, result.answer) == ("expansions", "6")


def test_ends_left_at_the_budgets_end_are_scored_before_the_choice() -> None:
    engine = Engine(Adding(paid=False), mcts(), Budget(expansions=1))
    engine.add([Task("t", "3")])
    (root,) = engine.ask()
    engine.tell(root, by_hand(root))
    (end,) = engine.ask()
    assert (end.wants_children, end.wants_value) == (False, True)
    engine.tell(end, Outcome(value=0.9))
    assert engine.ask() == []
    (result,) = engine.finished()
    assert (result.answer, result.value) == ("3", 0.9)


def test_a_limit_in_seconds_ends_a_task_whenever_it_is_noticed() -> None:
    """The clock passes the limit between two looks at it: the task must still be finished, not forgotten."""
    now = [0.0]

    def clock() -> float:
        now[0] += 0.4
        return now[0]

    for limit in range(3, 12):
        engine = Engine(Adding(paid=False), mcts(), Budget(seconds=float(limit)), clock=clock)
        (result,) = run(engine, [Task("t", "500")], at_once=1)
        assert result.stopped == "seconds"


def test_unscored_children_of_the_last_expansion_are_scored() -> None:
    engine = Engine(Adding(), mcts(evaluate="children"), Budget(expansions=1))
    (result,) = run(engine, [Task("t", "30")])
    assert [node.value for node in result.tree.nodes] == [None, 0.5, 0.5, 0.5]
    assert result.tree.nodes[0].visits == 3


def test_beam_keeps_the_best_of_each_level() -> None:
    """Values by hand: the state whose numbers sum highest is best, so width 1 follows 3, 3, 3, ..."""
    engine = Engine(Adding(), beam(width=1), Budget(expansions=50))
    engine.add([Task("t", "9")])
    expanded = []
    while trials := engine.ask(8):
        for trial in trials:
            if trial.wants_children:
                expanded.append(trial.state.added)
                engine.tell(trial, Outcome(trial.expand(["1", "2", "3"])))
            else:
                engine.tell(trial, Outcome(value=sum(trial.state.added) / 9))
    (result,) = engine.finished()
    assert expanded == [(), (3,), (3, 3)]
    assert result.answer == "9"


def test_a_vote_counts_every_proposal() -> None:
    engine = Engine(Adding(listed=False), self_consistency(n=5), Budget(expansions=1))
    engine.add([Task("t", "4", "5")])
    (trial,) = engine.ask()
    # Totals: 4 once, 5 three times (by two states), 6 once.
    engine.tell(trial, Outcome(trial.expand(["2 2", "3 2", "3 2", "2 3", "3 3"])))
    engine.ask()
    (result,) = engine.finished()
    assert result.answer == "5"


def test_depth_limit_cuts_paths_and_scores_their_ends() -> None:
    engine = Engine(Adding(), mcts(max_depth=2), Budget(expansions=50))
    (result,) = run(engine, [Task("t", "30")])
    assert max(node.depth for node in result.tree.nodes) == 2
    cut = [node for node in result.tree.nodes if node.depth == 2]
    assert len(cut) == 9
    assert all(node.truncated and node.value == 0.5 for node in cut)
    assert result.stopped == "exhausted"

"""Rules of one's own: in both forests, and what is said of those that cannot be."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from compiled_rules import compiled
from searches import grow, same_tree

from treewright.mcts import PUCT, CustomRule, Forest, ReferenceForest, RuleError, rule

REPOSITORY = Path(__file__).parents[2]
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "random ties": {"ties": "random", "seed": 5},
    "virtual loss": {"in_flight": "virtual_loss", "value_range": (-1.0, 1.0)},
    "normalise": {"normalise": True, "discount": 0.9},
    "exhausted, too": {"skip_exhausted": False, "backup": "max"},
    "links": {"transpositions": True, "solver": True, "ties": "random"},
}


def every_name(
    q, visits, in_flight, started, prior, reward, raw, mean, best, variance, index, uniform, children,
    parent_visits, parent_in_flight, parent_started, parent_q, parent_raw, depth,
):  # fmt: skip
    exploration = prior * math.sqrt(parent_started + 1) / (1 + started + 0.25 * in_flight / (1 + visits))
    returns = (mean + best + raw + reward) / 4 + math.sqrt(variance) / (1 + depth + parent_visits + parent_in_flight)
    return q + exploration + 0.25 * returns + 0.125 * uniform * (index + 1) / children + parent_q - parent_raw


def silver(q, prior, started, parent_started):
    return q + 1.25 * prior * math.sqrt(max(parent_started, 1)) / (1 + started)


def risky(q, prior, visits):
    return q if visits == 0 else math.log(prior - 0.25)


def refused(prior, visits):
    if prior < 0.5:
        return math.log(prior)
    return math.sqrt(prior - 0.75) + 1 / visits + math.exp(710 + visits)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_native_forest_and_the_oracle_grow_the_same_tree(name: str) -> None:
    native, oracle = (grow(kind(rule=compiled(every_name), **SETTINGS[name])) for kind in (Forest, ReferenceForest))
    assert len(native.node) > 100
    same_tree(native, oracle)


def test_the_formula_of_a_built_in_rule_grows_its_tree(kind: Any) -> None:
    # Sums of eighths over powers of two leave float32 and float64 little to disagree on.
    same_tree(grow(kind(rule=compiled(silver)), 12, most=3), grow(kind(rule=PUCT()), 12, most=3))


def test_a_nan_names_the_rule_and_the_node_and_changes_nothing(kind: Any) -> None:
    forest = kind(rule=compiled(risky))
    tree = int(forest.new_trees(1)[0])
    leaves = forest.select_batch([tree])
    forest.expand_batch(leaves.ticket, [3], [0.5, 0.125, 0.5])
    forest.backup_batch(leaves.ticket, [0.5])
    for _ in range(2):
        leaves = forest.select_batch([tree])
        forest.backup_batch(leaves.ticket, [0.25])
    before = [column.tobytes() for column in forest.snapshot(tree)]
    expected = rf"^rule 'risky' returned NaN at child 1 of node {forest.root(tree)} \(depth 0, 3 visits, 3 children\)$"
    with pytest.raises(RuleError, match=expected):
        forest.select_batch([tree])
    assert [column.tobytes() for column in forest.snapshot(tree)] == before
    assert forest.tickets_out == 0


@pytest.mark.parametrize(
    ("priors", "chosen"),
    [
        ([0.0, 0.25], 1),  # log 0 = -infinity < log 0.25
        ([0.25, 1.0], 1),  # 1 / 0 + exp 710 = infinity
        ([0.25, 0.5], None),  # sqrt -0.25 is NaN
    ],
)
def test_what_python_refuses_is_what_c_says(kind: Any, priors: list[float], chosen: int | None) -> None:
    forest = kind(rule=compiled(refused))
    tree = int(forest.new_trees(1)[0])
    leaves = forest.select_batch([tree])
    children = forest.expand_batch(leaves.ticket, [2], priors)
    forest.backup_batch(leaves.ticket, [0.5])
    if chosen is None:
        with pytest.raises(RuleError, match="child 1"):
            forest.select_batch([tree])
    else:
        assert forest.select_batch([tree]).node[0] == children[chosen]


def unknown_name(q):
    return q**nowhere  # noqa: F821


def unknown_attribute(q):
    x = q + 1
    return x.real_part


def unknown_function(q):
    return math.squareroot(q)


def mixed_types(q):
    both = q, q
    return both + q


def wide_call(q):
    return math.sqrt(q, 2)


def with_file(q):
    with Path("weights").open() as file:
        return q * len(file.read())


def with_import(q):
    import random

    return q + random.random()


FAILING: list[tuple[Callable[..., Any], int, str, str]] = [
    (unknown_name, 1, "return q**nowhere  # noqa: F821", "name 'nowhere' is not defined"),
    (unknown_attribute, 2, "return x.real_part", "Unknown attribute 'real_part' of type float64"),
    (unknown_function, 1, "return math.squareroot(q)", "module 'math' has no attribute 'squareroot'"),
    (mixed_types, 2, "return both + q", "there is no add(UniTuple(float64 x 2), float64)"),
    (wide_call, 1, "return math.sqrt(q, 2)", "there is no sqrt(float64, Literal[int](2))"),
    (with_import, 1, "import random", "Use of unsupported opcode (IMPORT_NAME) found"),
]


@pytest.mark.parametrize(("function", "line", "text", "reason"), FAILING, ids=[case[0].__name__ for case in FAILING])
def test_what_does_not_compile_says_which_line_and_why(
    function: Callable[..., Any], line: int, text: str, reason: str
) -> None:
    with pytest.raises(RuleError) as refused:
        rule(function)
    at = function.__code__.co_firstlineno + line
    assert str(refused.value) == f"rule {function.__name__!r} does not compile: line {at}: `{text}`: {reason}"


def test_a_construct_without_a_line_is_placed_at_the_function() -> None:
    with pytest.raises(RuleError, match=rf"line {with_file.__code__.co_firstlineno}: `def with_file\(q\):`: The 'with"):
        rule(with_file)


def test_code_without_a_file_has_a_line_and_a_reason() -> None:
    scope: dict[str, Any] = {}
    exec(compile("def typed(q):\n    return q.x\n", "cell", "exec"), scope)
    with pytest.raises(RuleError, match="does not compile: line 2: Unknown attribute 'x' of type float64"):
        rule(scope["typed"])


def nothing(q):
    q += 1


def sometimes(q):
    if q > 0:
        return q
    return None


def pair(q):
    return q, q


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (nothing, "rule 'nothing' returns none: expected a number, on every path"),
        (sometimes, r"rule 'sometimes' returns OptionalType\(float64\): expected a number"),
        (pair, r"rule 'pair' returns UniTuple\(float64 x 2\)"),
        (lambda visit: visit, "unknown parameter 'visit'. Did you mean 'visits'"),
        (lambda q, zebra: q * zebra, r"unknown parameter 'zebra'\. Available: q, visits,"),
        (lambda *q: q, r"has the parameter '\*q': expected plain parameters"),
        (lambda *, q: q, "has the parameter 'q': expected plain parameters"),
        (math.sqrt, "was given <built-in function sqrt>: expected a plain Python function"),
    ],
)
def test_a_function_that_cannot_be_a_rule_is_refused(function: Any, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        rule(function)


def test_a_rule_can_be_called_and_pickled_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    made = compiled(silver)
    monkeypatch.setitem(globals(), "silver", made)  # as `@rule` above it would have left it
    assert made(0.5, 0.5, 3, 16) == 0.5 + 1.25 * 0.5 * 4 / 4
    assert made(prior=0.0, q=0.25, started=0, parent_started=0) == 0.25
    assert repr(made) == "CustomRule(name='silver', names=('q', 'prior', 'started', 'parent_started'))"
    assert isinstance(made, CustomRule)
    assert pickle.loads(pickle.dumps(made)) is made


def test_numba_is_imported_when_a_rule_is_made_and_not_before() -> None:
    program = """
import sys
import treewright.mcts
assert "numba" not in sys.modules
treewright.mcts.rule(lambda q: q)
assert "numba" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": str(REPOSITORY / ".pkg")})


def test_without_a_compiler_a_rule_is_refused() -> None:
    program = """
import treewright.mcts
try:
    treewright.mcts.rule(lambda q: q)
except treewright.mcts.RuleError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(REPOSITORY / ".pkg"), "NUMBA_DISABLE_JIT": "1"},
    )
    assert done.stdout == "rule '<lambda>' cannot be compiled: NUMBA_DISABLE_JIT is set\n"

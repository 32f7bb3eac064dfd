"""LightZero's MuZero tree (C++ through Cython), driven as its `MuZeroMCTSCtree` drives it, without a model in between.

What differs from ours: Q is rescaled by the range of the tree's values, an unvisited child shows an estimate made from
its siblings, and all answers cross as Python lists. Its exploration constant grows with log((1 + N + base) / base): a
large base keeps it at C. The extension is loaded by its path: the package around it wants much else.
"""

from __future__ import annotations

import importlib.util
from types import ModuleType

import numpy as np
from cores import C, Evaluations, Run
from table_evaluator import TableEvaluator

from peers import FOLDER

LARGE = 10**9


def tree_module() -> ModuleType:
    """The extension of LightZero's MuZero tree."""
    found = sorted((FOLDER / "lzero/mcts/ctree/ctree_muzero").glob("mz_tree.*.so"))
    if not found:
        raise ImportError("LightZero's compiled tree is not there: its wheels serve Python 3.7 to 3.11")
    spec = importlib.util.spec_from_file_location("mz_tree", found[0])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TREE = tree_module()


def open_run(evaluator: TableEvaluator, trees: int, simulations: int) -> Run:
    """One leaf a tree a round; the root is expanded by the first."""
    nobody, nothing = [-1] * trees, [0.0] * trees
    rows = np.arange(trees)

    def run(evaluate: Evaluations) -> float:
        known = evaluate.replay is not None
        keys = evaluator.root_keys(trees)
        priors, _, child_keys = evaluate(None if known else keys)
        roots = TREE.Roots(trees, [list(range(evaluator.actions))] * trees)
        roots.prepare_no_noise(nothing, np.log(priors).tolist(), nobody)
        extremes = TREE.MinMaxStatsList(trees)
        extremes.set_delta(0.01)
        kept = [child_keys]
        depths = 0
        for simulation in range(1, simulations):
            results = TREE.ResultsWrapper(trees)
            parent, _, actions, players = TREE.batch_traverse(roots, LARGE, C, 1.0, extremes, results, nobody)
            asked = None
            if not known:
                asked = np.stack([kept[p][tree, a] for tree, (p, a) in enumerate(zip(parent, actions, strict=True))])
                depths += sum(results.get_search_len())
            priors, values, child_keys = evaluate(asked)
            kept.append(child_keys)
            TREE.batch_backpropagate(
                simulation, 1.0, nothing, values.tolist(), np.log(priors).tolist(), extremes, results, players
            )
        return depths / (rows.size * simulations)

    return run

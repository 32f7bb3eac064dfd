"""mctorch-mcts's native arena (C++, OpenMP), driven as its `alphazero_policy` drives it.

What differs from ours: two players take turns, so a value counts for one and against the other; an unvisited child
shows 0, and values are centred to fit; a leaf is expanded on its second visit, so fewer nodes are made. An engine
serves one search and must be made anew for the next. Its arena ends the process when it is full: it is given room to
spare here, where its own policies compute a size that is not always enough.
"""

from __future__ import annotations

import mctorch_native
import numpy as np
import torch
from cores import C, Evaluations, Run
from table_evaluator import TableEvaluator

NODES_PER_SIMULATION = 10  # of its setting num_simulations; fixed in its source


def open_run(evaluator: TableEvaluator, trees: int, simulations: int) -> Run:
    """One leaf a tree a round."""
    torch.set_num_threads(1)
    nodes = evaluator.actions * (simulations + 2)
    config = mctorch_native.SearchConfig()
    config.num_simulations = nodes // NODES_PER_SIMULATION + 1
    config.exploration_constant = C
    priors, values = torch.empty((trees, evaluator.actions)), torch.empty(trees)
    actions, leaf, parent = (torch.zeros(trees, dtype=torch.int64) for _ in range(3))
    bridge = mctorch_native.TensorBridge
    bridges = [bridge(tensor) for tensor in (priors, values, actions, leaf, parent)]
    priors_in, values_in, actions_out, leaf_out, parent_out = bridges
    into_priors, into_values, rows = priors.numpy(), values.numpy(), np.arange(trees)

    def run(evaluate: Evaluations) -> float:
        engine = mctorch_native.ArenaSearchEngine(config)
        engine.init_batch(trees)
        keys = depths = None
        if evaluate.replay is None:
            keys = np.zeros((trees, nodes), np.uint64)
            depths = np.zeros((trees, nodes), np.int32)
        total = 0
        for simulation in range(simulations):
            engine.traverse(actions_out)
            asked = None
            if keys is not None and depths is not None:
                engine.get_last_path(leaf_out, parent_out)
                at, above = leaf.numpy(), parent.numpy()
                if simulation:
                    asked = evaluator.child_keys(keys[rows, above])[rows, actions.numpy()]
                    depths[rows, at] = depths[rows, above] + 1
                else:
                    asked = evaluator.root_keys(trees)
                keys[rows, at] = asked
                total += int(depths[rows, at].sum())
            into_priors[:], answers, _ = evaluate(asked)
            np.subtract(answers, 0.5, out=into_values)
            engine.expand_and_backprop(priors_in, values_in)
        return total / (trees * simulations)

    return run

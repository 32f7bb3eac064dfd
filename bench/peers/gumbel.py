"""gumbel-mcts's PUCT kernels (Numba), called as its class `PUCT` calls them, without its conversions to torch tensors.

What differs from ours: two players take turns, so a value counts for one and against the other; an unvisited child
shows 0, and values are centred to fit; a node is made when it is first visited, not when its parent is expanded; all
statistics are float64. Its exploration constant grows with log((1 + N + base) / base): an endless base keeps it at C.
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import numpy as np
from cores import C, Evaluations, Run
from gumbel_mcts import PUCT
from kernels.puct_kernels import backpropagate_batch, select_leaves_batch
from numba import njit
from numpy.typing import NDArray
from table_evaluator import MIX, TableEvaluator

ENDLESS = 1e18


@cache  # the kernels are compiled for each game anew
def game(evaluator: TableEvaluator) -> SimpleNamespace:
    """The table as a game: the board is the key of a node, every action is legal, nothing ends."""
    codes = evaluator.codes
    legal = np.ones(evaluator.actions, np.bool_)

    @njit
    def step(board: NDArray[np.uint64], action: int, _: int) -> tuple[float, int, bool, int]:
        crossed = (board[0] ^ codes[action]) * np.uint64(MIX)
        board[0] = crossed ^ (crossed >> np.uint64(29))
        return 0.0, 0, False, 0

    @njit
    def valid(_: NDArray[np.uint64], __: int) -> NDArray[np.bool_]:
        return legal

    return SimpleNamespace(
        NUM_ACTIONS=evaluator.actions,
        BOARD_SHAPE=(1,),
        BOARD_DTYPE=np.uint64,
        PLAYER_1=np.int8(1),
        PLAYER_2=np.int8(-1),
        MAX_MOVES=1 << 30,
        fast_step=step,
        get_valid_mask=valid,
    )


def open_run(evaluator: TableEvaluator, trees: int, simulations: int) -> Run:
    """One leaf a tree a round."""
    logic = game(evaluator)
    search = PUCT(trees, trees * (simulations + 1) + 1, logic, device="cpu")
    nodes = search.storage
    games = np.arange(trees, dtype=np.int32)
    players = np.full(trees, logic.PLAYER_1, np.int8)

    def select() -> NDArray[np.int32]:
        leaves: NDArray[np.int32] = select_leaves_batch(
            logic.fast_step,
            logic.get_valid_mask,
            logic.NUM_ACTIONS,
            logic.PLAYER_1,
            logic.PLAYER_2,
            games,
            nodes.root_indices,
            nodes.children,
            nodes.visit_counts,
            nodes.values,
            nodes.prior_probs,
            nodes.is_expanded,
            nodes.is_terminal,
            nodes.terminal_values,
            nodes.boards,
            nodes.players,
            nodes.parents,
            nodes.edge_from_parent,
            search.next_free_idx_arr,
            ENDLESS,
            C,
            search.max_nodes,
            nodes.depths,
            logic.MAX_MOVES,
        )
        return leaves

    def run(evaluate: Evaluations) -> float:
        search.reset()
        search.initialize_roots(games, evaluator.root_keys(trees)[:, None], players)
        for _ in range(simulations):
            leaves = select()
            priors, values, _ = evaluate(None if evaluate.replay else nodes.boards[leaves, 0])
            nodes.is_expanded[leaves] = True
            nodes.prior_probs[leaves] = priors
            backpropagate_batch(
                leaves, values.astype(np.float64) - 0.5, nodes.parents, nodes.visit_counts, nodes.values
            )
        return float(nodes.depths[1 : search.next_free_idx_arr[0]].mean())

    return run

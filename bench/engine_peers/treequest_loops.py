"""TreeQuest: its documented loop, one step after the other, and its batch ask with a thread for each trial."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import treequest

from engine_peers.asking import Asking, Blocking, Lines

BATCH = 5  # what its documentation recommends at most


def _generate(asking: Asking, blocking: Blocking, parent: Lines | None) -> tuple[Lines, float]:
    so_far = parent or ()

    async def one() -> tuple[Lines, float]:
        (line,) = await asking.lines(so_far, 1)
        state = (*so_far, line)
        (value,) = await asking.values([state])
        return state, value

    return blocking.wait(one())


def loop(askings: list[Asking], proposals: int, blocking: Blocking) -> None:
    """`step` after `step`, task after task."""
    for asking in askings:
        algorithm = treequest.ABMCTSA()
        tree = algorithm.init_tree()
        for _ in range(proposals):
            tree = algorithm.step(tree, {"line": lambda parent, asking=asking: _generate(asking, blocking, parent)})


def batches(askings: list[Asking], proposals: int, blocking: Blocking) -> None:
    """`ask_batch` of five, a thread for each trial, then `tell`; task after task."""
    with ThreadPoolExecutor(BATCH) as threads:
        for asking in askings:
            algorithm = treequest.ABMCTSA()
            tree = algorithm.init_tree()
            while asking.proposals < proposals:
                size = min(BATCH, proposals - asking.proposals)
                tree, trials = algorithm.ask_batch(tree, size, ["line"])
                found = threads.map(
                    lambda trial, asking=asking: _generate(asking, blocking, trial.parent_state), trials
                )
                for trial, result in zip(trials, list(found), strict=True):
                    tree = algorithm.tell(tree, trial.trial_id, result)

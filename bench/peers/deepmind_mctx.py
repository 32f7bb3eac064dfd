"""mctx's `muzero_policy` (JAX on the CPU), the evaluator compiled into the search: it cannot be replayed without.

What differs from ours: Q is rescaled by parent and siblings; memory for the whole search is taken before it starts. Its
exploration constant grows with log((1 + N + base) / base): an endless base keeps it at C. Compilation is not timed.
"""

from __future__ import annotations

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import mctx
import numpy as np
from cores import C, Evaluations, Run
from table_evaluator import MIX, ROWS_LOG2, TableEvaluator

ENDLESS = 1e18


def open_run(evaluator: TableEvaluator, trees: int, simulations: int) -> Run:
    """One leaf a tree a round; the root is expanded before the first."""
    with jax.enable_x64(True):
        logits, table, codes = (jnp.asarray(x) for x in (np.log(evaluator.priors), evaluator.values, evaluator.codes))

        def evaluated(keys: jax.Array) -> tuple[jax.Array, jax.Array]:
            rows = (keys >> jnp.uint64(64 - ROWS_LOG2)).astype(jnp.int32)
            return logits[rows], table[rows]

        def step(
            _: None, __: jax.Array, action: jax.Array, keys: jax.Array
        ) -> tuple[mctx.RecurrentFnOutput, jax.Array]:
            crossed = (keys ^ codes[action]) * jnp.uint64(MIX)
            keys = crossed ^ (crossed >> jnp.uint64(29))
            prior_logits, value = evaluated(keys)
            zeros = jnp.zeros_like(value)
            answer = mctx.RecurrentFnOutput(reward=zeros, discount=zeros + 1, prior_logits=prior_logits, value=value)
            return answer, keys

        def search(random: jax.Array, keys: jax.Array) -> jax.Array:
            prior_logits, value = evaluated(keys)
            return mctx.muzero_policy(
                None,
                random,
                mctx.RootFnOutput(prior_logits=prior_logits, value=value, embedding=keys),
                step,
                simulations - 1,
                dirichlet_fraction=0.0,
                pb_c_init=C,
                pb_c_base=ENDLESS,
            ).search_tree.parents

        random, keys = jax.random.key(0), jnp.asarray(evaluator.root_keys(trees))
        compiled = jax.jit(search).lower(random, keys).compile()

    def run(_: Evaluations) -> float:
        parents = np.asarray(compiled(random, keys))
        depths = np.zeros_like(parents)
        for node in range(1, simulations):
            depths[:, node] = depths[np.arange(trees), parents[:, node]] + 1
        return float(depths.mean())

    return run

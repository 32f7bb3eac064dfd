"""Monte Carlo tree search under a formula of linear temporal logic."""

from __future__ import annotations

from dataclasses import replace

from ..ltl import Temporal
from ..recipe import Recipe
from .mcts import mcts


def ltl(
    formula: str = "true", atoms: str = "", c: float = 1.25, n: int = 4, leaves: int = 8, max_depth: int = 32
) -> Recipe:
    """Monte Carlo tree search in which no child is ever made that a temporal formula forbids.

    For: gym, web, code_repository, game24.

    For whatever is stepped through. After "Formally Specifying the High-Level Behavior of LLM-Based Agents" (Crouse et
    al. 2023), whose decoder lets only actions through that keep a formula satisfiable; see
    `treewright.search.ltl.Temporal` for what is illegal when. Where a domain lists its actions, the policy ranks the
    legal ones alone; elsewhere illegal texts are dropped before they are stepped, so that nothing irreversible is done.
    The paper has one way and no going back; here each node has the rest of its own way.

    Example: `--set formula="G (pay -> X !pay) & (!pay U confirm)" --set atoms="pay=^click.*Pay;
        confirm=^click.*Confirm"`.

    Reported: no figure is known to us.

    Args:
        formula: over the atoms; "true" allows all.
        atoms: NAME=EXPRESSION, separated by ";": an atom is true of an action whose text the expression is found in.
        c: PUCT's exploration constant (ours).
        n: proposals an expansion, where the domain does not list its actions.
        leaves: leaves of one tree in flight at once.
        max_depth: steps after which a path is cut.
    """
    expressions = {}
    for part in filter(None, map(str.strip, atoms.split(";"))):
        name, sign, expression = part.partition("=")
        if not sign:
            raise ValueError(f"atoms are NAME=EXPRESSION, separated by ';'; {part!r} has no '='")
        expressions[name.strip()] = expression
    base = mcts(c=c, n=n, leaves=leaves, max_depth=max_depth)
    return replace(base, name="ltl", legal=Temporal(formula, expressions))

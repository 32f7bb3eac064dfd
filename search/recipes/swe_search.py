"""SWE-Search: tree search over a repository's states, with hindsight for later siblings."""

from __future__ import annotations

from typing import Literal

from ..answer import By
from ..channel import ToSiblings
from ..chosen import Choose, Chosen
from ..debate import debate
from ..faces import Face
from ..operators import Propose
from ..recipe import Recipe
from ..scored import Scored
from ..terms import (
    BadChild,
    Correction,
    DepthBonus,
    DepthCost,
    Diversity,
    Explore,
    Finished,
    GoodChild,
    GoodLeaf,
    GoodParent,
    Mean,
    Own,
    Repeats,
    Term,
)

SCALE = (-100.0, 100.0)
EDITS = ("edit", "```diff", "```patch")
LOOKS = ("list", "search", "view", "test", "run", "```python")

FACES = (
    Face("Do the actions so far look at what is needed to find the cause of the issue?"),
    Face("Did the last edit bring the repository nearer to a right repair?", actions=EDITS),
    Face("Is the issue repaired, with nothing broken?", actions=("finish",)),
)

PAPER: tuple[Term, ...] = (Mean(), Explore(1.41), DepthBonus(200, 0.8), DepthCost(0.8))
REPRO: tuple[Term, ...] = (
    Own(),
    DepthBonus(200, 0.8, most=1, expanded=True),
    DepthCost(0.8),
    GoodLeaf(20, good=55),
    BadChild(5, good=55, bad=50),
    GoodChild(5, good=75, own=55),
    GoodParent(5, good=55, bad=50),
)
REFACTOR: tuple[Term, ...] = (
    Own(),
    Explore(1.0),
    DepthCost(0.8),
    GoodLeaf(50, good=50),
    BadChild(5, good=50, bad=0, kinds=EDITS),
    GoodChild(5, good=75),
    GoodParent(1, good=50, bad=0, unvalued=True),
    Finished(50, good=100, answered=True),
    Correction(50),
    Diversity(100),
    Repeats(25, 50),
)


def swe_search(
    selector: Literal["paper", "repro", "refactor", "model"] = "refactor",
    most: int = 3,
    floor: float | None = None,
    softmax: float | None = None,
    temperature: float = 0.7,
    answer: By = "mean_path",
    max_depth: int = 20,
) -> Recipe:
    """SWE-Search (Antoniades et al. 2024).

    For: code_repository.

    One child at a time, at most `most` at a node; from the second on the prompt shows what came of those before and
    what the value model said of them. The value model is asked one question about looks, one about edits and one about
    the finished patch; values count from -100 to 100. Every new node is a visit to all above it. d is the depth, v a
    node's own value. Four selectors:

    - "paper", from the root down: argmax of V(s,a) + C sqrt(ln N(s) / N(s,a)) + alpha e^(-beta (d - 1))
      - gamma sqrt(d).
    - "repro", over the whole tree: v + 200 e^(-.8 (d - 1)) for expanded nodes with d <= 1 - .8 sqrt(d) + 20 for leaves
      with v >= 55 + 5 (v - v_c) with v >= 55 and a single child v_c <= 50 - 5 with v >= 55 and a child >= 75
      + 5 (55 - v) for leaves with v <= 50 below a parent above 55. Its code works out an exploration term and does not
      add it. Only looks may be expanded again; that it passes over nodes with three finished children is left out.
    - "refactor", over the whole tree: v + sqrt(ln N_p / N) - .8 sqrt(d) + 50 for leaves with v >= 50 + 5 (v - v_c) with
      v >= 50 and exactly one child, an edit, with v_c <= 0 - 5 with a child >= 75 + (50 - v) for leaves with v <= 0
      below a parent that is not valued or above 50 - 50 for patches above an end that was worth 100
      + 50 / (1 + children^2) where checks fail and the parent's do not + 100 (1 - mean likeness to other patches)
      - 25 r^2 for r proposals that came again - 50 (m - 1)^2 for m children of one kind of action, for each kind.
    - "model": the policy is shown the eight nodes of the highest "refactor" sums with their values, and writes the
      number of the next one; where it names none (dropped as "no_pick"), that sum decides. The refactored code has such
      a selector; the prompt and the eight are ours.

    Reported (SWE-bench Lite, pass@1, without and with the search): GPT-4o 25.7, 31.0; GPT-4o-mini 13.0, 17.0;
    Qwen2.5-72B 18.0, 24.7; DeepSeek-V2.5 16.3, 21.0; Llama-3.1-70B 13.6, 17.7; GPT-4o's cost from 41 to 576 dollars.

    The answer is the end of the best mean value over its way, as in both codes; with `answer="verdict"` five agents
    debate three rounds over at most five patches, as in the paper. The judges are not shown the values, and what they
    say decides; the refactored code shows them and never uses its agents and rounds.

    Not as published: proposals that lead to one state are one child. A patch is like another by its files (.4) and its
    text (.6), where the code has .4, .4 and .2 for the spans that were looked at. The value model is not shown earlier
    patches when it scores one. Left out of the refactored code: a constant of 20 that it does not use, its mode that
    first goes to depth 20 in a line, its selector by feedback. One reader of the paper has gamma d in place of
    gamma sqrt(d). Its 100 iterations are a budget's to set.

    Args:
        selector: "paper", "repro", "refactor" or "model".
        most: children of a node (paper: 3; a table of its appendix: 5; code: 1 to 5).
        floor: with a whole-tree selector, the root is next where no node's own value is above it (refactor:
            minimum_reward_threshold, off).
        softmax: draw by exp(score / softmax) instead of taking the best (both codes have it; temperature 1).
        temperature: of the proposals (paper: 0.2; code: 0.7).
        answer: how the answer is chosen ("mean_path": code; "verdict": paper).
        max_depth: steps after which a path is cut (paper: 20).

    C = 1.41 (paper); alpha = 200, beta = gamma = .8 (ours, from the code: the paper's are not known). Where an edit's
    visible tests say something, v is half theirs and half the model's (ours; the code has a rule by change of tests).
    """
    if selector not in ("paper", "repro", "refactor", "model"):
        raise ValueError(f"selector is 'paper', 'repro', 'refactor' or 'model', not {selector!r}")
    terms = {"paper": PAPER, "repro": REPRO}.get(selector, REFACTOR)
    scored = Scored(
        terms,
        "children" if selector == "paper" else "tree",
        most,
        LOOKS if selector == "repro" else (),
        SCALE,
        softmax,
        floor,
    )
    return Recipe(
        name="swe_search",
        operator=Propose(1, temperature, ranked=False),
        selection=Chosen(scored, Choose(ranked=False)) if selector == "model" else scored,
        evaluate="children",
        trust=0.5,
        faces=FACES,
        shows=(ToSiblings(most),),
        answer=answer,
        closing=debate(agents=5, rounds=3, finalists=5) if answer == "verdict" else (),
        reserve=3 if answer == "verdict" else 0,
        leaves=1,
        max_depth=max_depth,
    )

"""Agentless: locate, patch, filter, vote."""

from __future__ import annotations

from ..answer import Choice, Keep
from ..legality import Machine
from ..operators import Propose
from ..picks import Each, Root
from ..recipe import Recipe
from ..roles import Attempt, Take, Write
from ..stages import Stage, Stages

FILES = "The user shows an issue and a repository's files. Name the 3 files that most likely need edits, one a line."
PLACE = (
    "Next is one look at that one of the files named that most likely needs the edit: the action view with its path "
    "and, if it is long, a range of lines such as 10-80."
)
PATCH = "Next is the edit of what you looked at that resolves the issue."
ORDER = {
    "start": {"list": "listed"},
    "listed": {"[Vv]iew": "seen"},
    "seen": {"[Ee]dit|```(diff|patch)": "patched"},
    "patched": {},
}


def agentless(places: int = 4, patches: int = 10, temperature: float = 0.8) -> Recipe:
    """Files -> places -> patches, then a cascade of filters and a vote (Agentless, Xia et al. 2024).

    For: code_repository.

    The file tree is listed, three files are named, `places` places are looked at, each drawn anew, and each place gets
    one greedy patch and `patches` - 1 drawn ones. Of the patches those that break the fewest visible tests are kept; of
    these, those that repair all that failed, if there are any; the majority of the rest is given, equal patches by
    their canonical text, the first seen on ties. Nothing here is the model's choice but the texts: it is told
    what comes next, and a state machine over actions drops whatever is out of turn.

    Reported: SWE-bench Lite 27.33 % at $0.34 an issue (GPT-4o). The paper also retrieves files by embeddings and goes
    from files to classes and functions before it goes to lines; here a look at lines follows the files at once. Its
    reproduction tests are written by a model; here they are the task's visible failing tests.

    Args:
        places: places drawn (paper: 4).
        patches: patches a place (paper: 10).
        temperature: of all draws but the greedy ones (paper: 0.8).
    """
    look = Take(("list",), "look")
    greedy, drawn = (Attempt("patch", PATCH, n, t) for n, t in ((1, 0.0), (max(patches - 1, 1), temperature)))
    at = Each(("step",))
    return Recipe(
        name="agentless",
        operator=drawn,
        selection=Stages(
            (
                Stage(look, Root()),
                Stage(Write("files", FILES, 1, 0.0), Each(("look",))),
                Stage(Propose(places, temperature, instruction=PLACE), Each(("files",))),
                Stage(greedy, at, also=(drawn,) if patches > 1 else ()),
            )
        ),
        evaluate="none",
        legal=Machine("start", ORDER),
        answer=Choice("vote", kinds=("patch",), keep=(Keep("broken", "lowest"), Keep("repaired", "passing"))),
        stop_reward=None,
    )

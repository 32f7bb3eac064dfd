"""Agentless: its order of actions, its draws, its vote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from traces import World, trace

from treewright.search import agentless
from treewright.value_models import Prompt


class Spaced(World):
    """A world whose actions are whole texts."""

    def parse(self, state: object, proposal: str) -> tuple[str, ...]:
        return (proposal,)


def drawn(prompt: Prompt) -> Sequence[str]:
    if "view" not in prompt.prefix:
        return ["view a", "edit too early", "view b"]
    if prompt.sampling.temperature == 0:
        return ["edit greedy"]
    return ["edit x", "edit y"] if "view a" in prompt.prefix else ["edit x", "edit y", "view c"]


def test_files_places_patches_and_the_vote(tmp_path: Path) -> None:
    patched = {f"list view {place} edit {text}": 0.5 for place in "ab" for text in ("x", "y", "greedy")}
    world = Spaced(moves={}, says={"Name the 3 files": lambda _: ["f1\nf2\nf3"], "Go on": drawn}, checked=patched)
    seen = trace(agentless(places=3, patches=4), world, 20, tmp_path / "run", judged=False)
    # The listing costs no request; then files, places; a greedy patch and a draw of three at each of the two places.
    at = "list f1\nf2\nf3"
    assert seen.trails == [
        ("write", "list"), ("propose", at),
        *[("attempt", f"{at} view a")] * 2, *[("attempt", f"{at} view b")] * 2,
    ]  # fmt: skip
    assert [call.n for call in seen.calls] == [1, 3, 1, 3, 1, 3]
    assert seen.told(at).endswith("Files:\nf1\nf2\nf3")
    asked = [str(call.prompt["system"]).rpartition("Next is ")[2] for call in seen.calls]
    assert [text.split(" of ")[0] for text in asked[1:]] == ["one look at that one", *["the edit"] * 4]
    assert seen.result.dropped["illegal"] == 2, "an edit before a look, and a look after the looks"
    # Votes: x 2 + 1, y 1 + 1, greedy 1 + 1.
    assert seen.result.answer == "edit x"

"""AEGIS, CaPo, PoAct and HiAgent: one thread, in which what was made last says who goes on."""

from __future__ import annotations

from pathlib import Path

from popping import Prompts, popping
from traces import World, trace

from treewright.search import aegis, capo, hiagent, poact


def test_aegis_modifies_restarts_and_stops_when_accepted(tmp_path: Path) -> None:
    world = World(
        moves={}, checked={"a": 0.2, "a b": 0.4, "c": 0.6}, notes={"a": "a: boom", "a b": "b: boom"},
        says={
            "Sum up what matters": lambda _: ["short"],
            "Verify the attempt": popping(["MODIFY it lacks x", "Restart: wrong idea", "ACCEPT"]),
            "by the verification": popping(["b"]),
            "Go on": popping(["a", "c"]),
        },
    )  # fmt: skip
    seen = trace(aegis(), world, 20, tmp_path / "run", judged=False)
    first, second = "short a", "short a MODIFY it lacks x b"
    assert seen.trails == [
        ("write", ""), ("attempt", "short"), ("write", first), ("attempt", "short a MODIFY it lacks x"),
        ("write", second), ("attempt", "short"), ("write", "short c"),
    ]  # fmt: skip
    assert seen.told("short a MODIFY it lacks x").endswith(
        "a: boom\n\nContext:\nshort\n\nVerification:\nMODIFY it lacks x"
    )
    assert seen.told("short", 1) == "Find the way.\n\nContext:\nshort", "a restart is shown nothing of what failed"
    assert (seen.result.answer, seen.result.stopped) == ("c", "settled")


def test_capo_discusses_a_plan_follows_it_and_adapts_it(tmp_path: Path) -> None:
    steps = Prompts(popping(["s1", "s2", "s3", "right"]))
    world = World(
        moves={}, ends={"s1 s2 s3 right": 1.0},
        says={
            "Propose a meta-plan": lambda _: ["draft"],
            "Evaluate the meta-plan": lambda _: ["too long"],
            "by what was said": lambda _: ["short plan"],
            "plan for what is left": lambda _: ["rest of it"],
            "Go on": steps,
        },
    )  # fmt: skip
    seen = trace(capo(every=2), world, 20, tmp_path / "run", judged=False)
    assert [role for role, _ in seen.trails] == ["write"] * 3 + ["propose"] * 2 + ["write"] + ["propose"] * 2
    assert seen.told("draft").endswith("Proposal:\ndraft")
    assert seen.told("draft too long").endswith("Proposal:\ndraft\n\nEvaluation:\ntoo long")
    assert [prompt.user.rsplit("\n", 1)[1] for prompt in steps.seen] == ["short plan"] * 2 + ["rest of it"] * 2
    assert [prompt.prefix for prompt in steps.seen] == ["", "s1 ", "s1 s2 ", "s1 s2 s3 "]
    assert (seen.result.answer, seen.result.stopped) == ("right", "solved")


def test_poact_chooses_a_policy_in_each_state(tmp_path: Path) -> None:
    steps = Prompts(popping(["s1", "s2", "right"]))
    world = World(
        moves={}, ends={"s1 s2 right": 1.0},
        says={
            "Choose how to go on": popping(["PLAN", "ACT", "THINK"]),
            "Plan the next": lambda _: ["first this"],
            "Think about": lambda _: ["hm"],
            "Go on": steps,
        },
    )  # fmt: skip
    seen = trace(poact(), world, 20, tmp_path / "run", judged=False)
    assert [role for role, _ in seen.trails] == [
        "write",
        "write",
        "propose",
        "write",
        "propose",
        "write",
        "write",
        "propose",
    ]
    shown = [prompt.user.removeprefix("Find the way.") for prompt in steps.seen]
    assert shown == ["\n\nThought:\nfirst this", "", "\n\nThought:\nhm"]
    assert seen.result.answer == "right"


def test_hiagent_folds_the_steps_of_a_reached_subgoal(tmp_path: Path) -> None:
    steps = Prompts(popping(["s1", "s2", "s3", "right"]))
    world = World(
        moves={}, ends={"s1 s2 s3 right": 1.0},
        says={
            "next subgoal": popping(["key", "door"]),
            "Is the subgoal": popping(["OPEN", "DONE", "RECALL"]),
            "Sum up what was done": lambda _: ["have key"],
            "Go on": steps,
        },
    )  # fmt: skip
    seen = trace(hiagent(), world, 30, tmp_path / "run", judged=False)
    shown = [(prompt.user.removeprefix("Find the way.\n\n"), prompt.prefix) for prompt in steps.seen]
    folded = "Subgoal 1:\nkey\n\nSummary:\nhave key\n\nSubgoal 2:\ndoor"
    assert shown == [
        ("Subgoal:\nkey", ""),
        ("Subgoal:\nkey", "s1 "),
        (folded, ""),  # s1 s2 are folded into the summary
        (folded, "s1 s2 s3 "),  # recalled, for this step
    ]
    assert seen.result.stopped == "solved"


def test_another_thread_goes_where_the_one_before_did_not(tmp_path: Path) -> None:
    """With greedy choices, known actions are gone through anew, the least tried first."""
    world = World(
        moves={"": ["a", "b"], "a": ["x"], "b": ["right"]}, ends={"a x": 0.0, "b right": 1.0}, listed=True,
        priors={"": [0.9, 0.1]}, says={"Choose how to go on": lambda _: ["ACT"]},
    )  # fmt: skip
    seen = trace(poact(), world, 20, tmp_path / "run", judged=False)
    # First thread: ACT, a, ACT, x: lost. Second: ACT is known, and so are a and b: b, ACT, right.
    assert (seen.result.answer, seen.result.stopped) == ("right", "solved")
    assert [call.path for call in seen.calls] == ["", "", "a", "a", "", "", "b", "b"]

"""No rounds: an answer that lands is told, and the next leaf goes out, whatever else is still in flight."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from itertools import pairwise

import pytest
from adding import Adding

from treewright.domains.math import WordProblems, game24_tasks
from treewright.domains.math.arithmetic import Game24
from treewright.domains.protocol import Domain, Task
from treewright.search import Budget, Propose, mcts, search
from treewright.search.collector import FACTOR, rare_collections
from treewright.value_models.prompts import chat_messages, label_text, plain_text
from treewright.value_models.protocols import Evidence, Prompt, Proposals, Score
from treewright.value_models.quoting import quoted
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue

STEPS = ["1", "2", "3"]


class Gated(ScriptedPolicy):
    """Answers at once, but for one task, whose first request it never answers before `door` opens."""

    def __init__(self, task: str) -> None:
        super().__init__(texts=STEPS)
        self.task, self.door, self.order = task, asyncio.Event(), list[str]()

    async def propose(self, prompts: Sequence[Prompt], n: int) -> list[Proposals]:
        self.order.append(prompts[0].user + prompts[0].prefix)
        if prompts[0].user == self.task:
            await self.door.wait()
        return await super().propose(prompts, n)


class SlowValue(ScriptedValue):
    """Answers for the first 8 states, the roots, at once; every later call waits for `door`."""

    def __init__(self) -> None:
        super().__init__()
        self.door = asyncio.Event()

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        if self.items_seen >= 8:
            await self.door.wait()
        return await super().score(evidence)


async def test_a_stuck_request_stops_neither_other_trees_nor_its_own_value() -> None:
    policy = Gated("Reach 9.")
    tasks = [Task("stuck", "9"), *(Task(str(i), str(10 + i)) for i in range(6))]
    stream = search(
        tasks, domain=Adding(listed=False), policy=policy, value=ScriptedValue(), recipe=mcts(), concurrency=4,
        budget=Budget(expansions=12),
    )  # fmt: skip
    done = []
    async for result in stream:
        done.append(result.task.id)
        if len(done) == 6:
            assert "stuck" not in done
            policy.door.set()
    assert done[-1] == "stuck"


async def test_slow_values_leave_the_policys_places_in_use() -> None:
    policy, value = ScriptedPolicy(texts=STEPS), SlowValue()
    stream = search(
        [Task(str(i), "40") for i in range(8)], domain=Adding(listed=False), policy=policy, value=value, recipe=mcts(),
        concurrency=8, budget=Budget(expansions=10),
    )  # fmt: skip
    first = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.1)
    assert policy.calls == 24  # after the roots, twice as many trials as requests: all their values are on their way
    value.door.set()
    await first
    await stream.aclose()


async def test_requests_of_one_subtree_go_out_together() -> None:
    policy = Gated("")
    stream = search(
        [Task(str(i), str(50 + i)) for i in range(5)], domain=Adding(listed=False), policy=policy,
        value=ScriptedValue(), recipe=mcts(leaves=4), concurrency=20, budget=Budget(expansions=9), deterministic=True,
    )  # fmt: skip
    _ = [result async for result in stream]
    assert len(policy.order) == 45
    runs = [asked.split(".")[0] for asked in policy.order]
    changes = sum(before != after for before, after in pairwise(runs))
    assert changes <= 5 * 4  # rounds of 1, then at most 4 leaves a tree; one leaf after the other would be 44


def _prompts(domain: Domain, task: Task, texts: Sequence[str]) -> list[tuple[Prompt, Evidence]]:
    """The prompts along one path."""
    state, found = domain.reset(task.visible()), []
    for text in (*texts, None):
        shown = domain.observe(state)
        found.append((Propose().request(shown, 7).prompt, Evidence(shown.task, shown.path, shown.question)))
        if text is not None:
            for action in domain.parse(state, text):
                state = domain.step(state, action).state
    return found


@pytest.mark.parametrize(
    ("domain", "task", "texts"),
    [
        (WordProblems(), Task("a", "How many?"), ["Two and two.", "That is four.", "The answer is 4."]),
        (Adding(listed=False), Task("a", "9"), ["1", "2", "3"]),
    ],
)
def test_a_childs_prompt_begins_with_its_parents(domain: Domain, task: Task, texts: list[str]) -> None:
    along = _prompts(domain, task, texts)
    for (parent, judged), (child, judged_child) in pairwise(along):
        assert plain_text(child).startswith(plain_text(parent))
        *head, last = chat_messages(child, can_continue=True)
        assert head == chat_messages(parent, can_continue=True)[: len(head)]
        assert last["content"].startswith(parent.prefix)
        assert label_text(judged_child).startswith(f"{quoted(judged.task)}\n{quoted(judged.state)}")


def test_brief_states_share_all_but_the_numbers() -> None:
    domain = Game24()
    (task,) = game24_tasks(1)
    root = domain.reset(task.visible())
    child = domain.step(root, domain.parse(root, domain.observe(root).actions[0])[0]).state
    prompts = [plain_text(Propose().request(domain.observe(state), 1).prompt) for state in (root, child)]
    questions = [domain.observe(state).question for state in (root, child)]
    assert all(prompt.startswith("Make 24: ") for prompt in prompts)
    differ = next(i for i, (a, b) in enumerate(zip(*questions, strict=False)) if a != b)
    assert questions[0][:differ].endswith("\nCan ")  # the examples come first


def test_the_collector_is_left_as_it_was() -> None:
    before = gc.get_threshold()
    with rare_collections():
        assert gc.get_threshold()[0] == before[0] * FACTOR
        with rare_collections():
            pass
        assert gc.get_threshold()[0] == before[0] * FACTOR
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0

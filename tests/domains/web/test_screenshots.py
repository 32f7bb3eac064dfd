"""Screenshots for models that see: in the request as a part, in the journal once, and refused with reason."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from scripted_process import ServerProcess
from web_pages import task

from treewright.domains.web import Web
from treewright.search import Budget, MissingPart, Replay, RunPaused, RunReader, mcts, solve
from treewright.value_models import VLLM, NoImages, ScriptedPolicy, ScriptedValue, Uniform

pytestmark = pytest.mark.browser

Make = Callable[..., Web]
LINES = ["click('1')", "scroll(0, 100)", "noop()"]


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path, LINES)
    yield server
    server.kill()


def test_a_state_has_its_screenshot_where_that_is_asked_for(make: Make) -> None:
    seeing, kept = make(ranked=False, screenshots=True), make(ranked=False, pictures=True)
    (image,) = seeing.observe(seeing.reset(task("/"))).images
    head, data = image.split(",")
    assert head == "data:image/png;base64"
    assert b64decode(data).startswith(b"\x89PNG")
    assert seeing.keeps_pictures
    assert kept.observe(kept.reset(task("/"))).images == ()


def test_the_server_is_sent_the_picture_and_the_journal_has_it_once(
    make: Make, scripted: ServerProcess, tmp_path: Path
) -> None:
    domain = make(ranked=False, screenshots=True)
    run, recipe, budget = tmp_path / "run", mcts(n=2, leaves=1), Budget(expansions=4)
    policy = VLLM(scripted.url)
    result = solve(
        task("/"), domain=domain, policy=policy, value=ScriptedValue(), recipe=recipe, budget=budget, run=run
    )
    reader = RunReader(run)
    drawn = list(reader.events(kind="propose"))
    images = [image for event in drawn for image in event["request"]["prompt"]["images"]]
    sent = [json.loads(line).get("images", []) for line in scripted.log.read_text().splitlines()]
    digests = [hashlib.blake2b(image.encode(), digest_size=12).hexdigest() for image in images]
    assert len(images) == len(drawn) == result.cost.expansions == 4
    assert [digest for (digest,) in sent] == digests
    with closing(sqlite3.connect(run / "journal.db")) as db:
        stored = [rest for (rest,) in db.execute("SELECT rest FROM texts WHERE length(rest) > 1000")]
    assert sorted(stored) == sorted(set(images))
    assert len(set(images)) < len(images), "noop() leaves the page as it was, so some picture was sent twice"
    replayed = Replay(run, domain=make(ranked=False, screenshots=True)).search(recipe, budget)
    assert (replayed.missed, replayed.results[0].tree.render()) == (0, result.tree.render())
    blind = Replay(run, domain=make(ranked=False)).search(recipe, budget)
    assert blind.missed > 0


class Blind(ScriptedPolicy):
    """Refuses pictures, as a server without a model that sees does."""

    async def propose(self, prompts, n):  # type: ignore[no-untyped-def]
        await super().propose(prompts, n)
        if prompts[0].images:
            raise NoImages("Model 'blind' takes no pictures", 400)
        raise AssertionError("no picture was sent")


def test_a_refusal_ends_the_search_at_its_first_request(make: Make, tmp_path: Path) -> None:
    policy = Blind(texts=LINES)
    with pytest.raises(RunPaused, match="takes no pictures"):
        solve(
            task("/"), domain=make(ranked=False, screenshots=True), policy=policy, value=ScriptedValue(),
            recipe=mcts(leaves=1), budget=Budget(expansions=8), run=tmp_path / "run",
        )  # fmt: skip
    assert policy.calls == 1


def test_ranking_reads_no_pictures(make: Make) -> None:
    with pytest.raises(MissingPart, match=r"ranking its actions reads text alone.*ranked=False"):
        solve(
            task("/"), domain=make(screenshots=True), policy=Uniform(), value=ScriptedValue(), recipe=mcts(),
            budget=Budget(expansions=2),
        )  # fmt: skip


@pytest.mark.server
def test_a_real_server_of_a_model_that_does_not_see_says_so(make: Make, server_url: str) -> None:
    with pytest.raises(NoImages, match="takes no pictures"):
        solve(
            task("/"), domain=make(ranked=False, screenshots=True), policy=VLLM(server_url), value=ScriptedValue(),
            recipe=mcts(leaves=1), budget=Budget(expansions=2),
        )  # fmt: skip

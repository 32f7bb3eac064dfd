"""The report of a run: what it says, and that no text of a model gets out of its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from viewer_runs import EVIL, apart, record, stop_after_one

from treewright.runs.report import Section, gather, report, trust_section, write_report
from treewright.runs.report.markup import raw, table, tag
from treewright.runs.statistics import Estimate
from treewright.search import RunReader, mcts


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("report") / "run"
    apart(record(run, "math", mcts(evaluate="children", leaves=4), expansions=40))
    return run


class Elements(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.names.append(name)
        self.attributes += attributes

    def handle_data(self, data: str) -> None:
        self.text += data


def test_text_is_escaped_wherever_it_enters() -> None:
    evil = '<b onclick="x">&'
    assert tag("p", evil, title=evil) == (
        '<p title="&lt;b onclick=&quot;x&quot;&gt;&amp;">&lt;b onclick=&quot;x&quot;&gt;&amp;</p>'
    )
    assert tag("p", tag("b", "1"), raw("<hr>"), "<hr>") == "<p><b>1</b><hr>&lt;hr&gt;</p>"
    assert "<td>&lt;i&gt;</td>" in table(["a"], [["<i>"]])


def test_a_report_says_what_the_journal_says(run: Path) -> None:
    contents, reader = gather(run), RunReader(run)
    results = [reader.result(task) for task in reader.tasks()]
    assert contents.solved is not None
    assert contents.solved.value == sum(result.solved for result in results) / 3
    last = contents.curve[-1].accuracy
    assert (last.value, last.low) == (contents.solved.value, contents.solved.low)
    assert contents.unit == "expansions"
    assert contents.costs[-1].policy.calls == sum(result.cost.policy.calls for result in results)
    text = Elements(report(contents)).text
    for result in results:
        assert result.task.id in text
        assert f"{result.cost.policy_tokens + result.cost.value_tokens:,}" in text
    assert f"{contents.solved.value:.1%}" in text


def test_a_report_is_one_file_that_asks_for_nothing(run: Path, tmp_path: Path) -> None:
    path = write_report(run, tmp_path / "r.html")
    html = path.read_text(encoding="utf-8")
    page = Elements(html)
    assert {"script", "link", "iframe", "form"}.isdisjoint(page.names)
    sources = [value or "" for name, value in page.attributes if name in ("src", "href", "srcset")]
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert "default-src 'none'" in html
    assert write_report(run).parent == run


def test_a_script_in_a_proposal_stays_text(run: Path) -> None:
    html = report(gather(run))
    drawn = [shown.result.tree for shown in gather(run).trees]
    assert any(node.text == EVIL for tree in drawn for node in tree.nodes)
    assert EVIL.partition(" ")[0] in Elements(html).text
    assert "<script" not in html
    assert "<img src=x" not in html


def test_the_worst_tree_is_the_one_that_was_most_sure_and_wrong(run: Path) -> None:
    shown = gather(run).trees
    results = [RunReader(run).result(task) for task in RunReader(run).tasks()]
    wrong = [result for result in results if not result.solved and result.answer is not None]
    worst = [tree.result for tree in shown if tree.why.startswith("Worst: wrong")]
    assert worst
    assert worst[0].value == max(result.value for result in wrong)
    best = [tree.result for tree in shown if tree.why.startswith("Best")]
    assert all(result.solved for result in best)


def test_a_run_that_has_not_finished_says_so(tmp_path: Path) -> None:
    apart(stop_after_one(tmp_path / "run"))
    text = Elements(report(gather(tmp_path / "run"))).text
    assert "2 tasks have not finished" in text
    assert "not finished" in text


@dataclass
class Account:
    """What a report asks of an account of trust."""

    model: str
    states: int
    auroc: Estimate
    calibration_error: Estimate
    siblings: Estimate | None


def test_trust_of_the_value_models_is_a_section(run: Path) -> None:
    half = Estimate(0.5, 0.4, 0.6)
    section = trust_section([Account("judge <1>", 1200, Estimate(0.75, 0.7, 0.8), half, None)])
    assert isinstance(section, Section)
    text = Elements(report(gather(run), [section])).text
    assert "Trust of the value models" in text
    assert re.search(r"judge <1>1,2000\.75 \(0\.70 to 0\.80\)0\.50 \(0\.40 to 0\.60\)–", text)


def test_a_curve_that_cannot_be_had_is_said(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from treewright.search import JournalError

    def fails(_: Path) -> None:
        raise JournalError("no order of outcomes")

    monkeypatch.setattr("treewright.runs.report.contents.courses_of", fails)
    assert "Not shown: no order of outcomes." in Elements(report(gather(run))).text

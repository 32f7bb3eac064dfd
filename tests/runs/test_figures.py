"""A search's figures in words, as plain data and as Prometheus text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from treewright.runs.figures import Figures, exposition

FIGURES = Figures("mcts", 10, 4, 3, 2000, 0.0, 5, 20.0)


def test_one_line_says_all() -> None:
    """3 of 4 is 30% to 95% by Wilson; 6 tasks are left at 5 s each."""
    expected = "mcts: 4/10 tasks, 3 solved (30% to 95%), 100 tokens/s, 5 in flight, about 30 s left"
    assert FIGURES.line() == expected


def test_dollars_are_shown_where_there_are_prices_and_requests_where_they_can_be_seen() -> None:
    assert replace(FIGURES, dollars=1.239, in_flight=None).words() == "3 solved (30% to 95%), 100 tokens/s, $1.24"


def test_nothing_is_said_of_what_is_not_known_yet() -> None:
    start = Figures("mcts", 10, 0, 0, 0, 0.0, 0, 0.0)
    assert start.line() == "mcts: 0/10 tasks, 0 solved, 0 tokens/s, 0 in flight"
    assert start.plain()["accuracy"] is None
    assert start.plain()["seconds_left"] is None


def test_prometheus_text_has_a_gauge_a_figure_and_a_sample_a_search() -> None:
    text = exposition([FIGURES, replace(FIGURES, name='a "b"\\', in_flight=None, done=0, solved=0)])
    assert "# TYPE treewright_solved gauge\n" in text
    assert 'treewright_solved{run="mcts"} 3\ntreewright_solved{run="a \\"b\\"\\\\"} 0\n' in text
    assert text.count("treewright_in_flight{") == 1
    assert "None" not in text
    assert "nan" not in text
    parser = pytest.importorskip("prometheus_client.parser", reason="prometheus_client is not installed")
    families = list(parser.text_string_to_metric_families(text))
    assert families[0].samples[0].labels == {"run": "mcts"}
    assert families[0].samples[1].labels == {"run": 'a "b"\\'}

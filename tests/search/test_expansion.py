"""Proposals to children: duplicates, drops and priors, worked by hand."""

from __future__ import annotations

import math

import pytest
from adding import Adding

from treewright.domains.protocol import Task
from treewright.search.expansion import expand


def test_prior_is_the_share_of_the_probability() -> None:
    domain = Adding()
    state = domain.reset(Task("t", "10"))
    # p = 0.2 and 0.1 and, for the state that two texts reach ("3" and " 3"), 0.05 + 0.05.
    expansion = expand(domain, state, ["1", "2", "3", " 3"], [math.log(p) for p in (0.2, 0.1, 0.05, 0.05)])
    assert [child.text for child in expansion.children] == ["1", "2", "3"]
    assert [child.prior for child in expansion.children] == pytest.approx([0.5, 0.25, 0.25])
    assert expansion.children[2].multiplicity == 2
    assert expansion.dropped == {"duplicate": 1}


def test_same_text_twice_counts_its_probability_once() -> None:
    domain = Adding()
    state = domain.reset(Task("t", "10"))
    expansion = expand(domain, state, ["1", "1", "2"], [math.log(0.2), math.log(0.2), math.log(0.2)])
    assert [child.prior for child in expansion.children] == pytest.approx([0.5, 0.5])
    assert [child.multiplicity for child in expansion.children] == [2, 1]


def test_without_logprobs_the_prior_is_the_share_of_the_proposals() -> None:
    domain = Adding()
    state = domain.reset(Task("t", "10"))
    for logprobs in (None, [math.nan] * 4, [math.nan, -1.0, -1.0, -1.0]):
        expansion = expand(domain, state, ["1", "1", "1", "2"], logprobs)
        assert [child.prior for child in expansion.children] == pytest.approx([0.75, 0.25])


def test_an_impossible_text_has_no_prior_and_spoils_no_other() -> None:
    domain = Adding()
    state = domain.reset(Task("t", "10"))
    expansion = expand(domain, state, ["1", "2", "3"], [math.log(0.3), -math.inf, math.log(0.1)])
    assert [child.prior for child in expansion.children] == pytest.approx([0.75, 0.0, 0.25])
    expansion = expand(domain, state, ["1", "2"], [-math.inf, -math.inf])
    assert [child.prior for child in expansion.children] == [0.5, 0.5]
    with pytest.raises(ValueError, match=r"\+inf"):
        expand(domain, state, ["1"], [math.inf])


def test_bad_proposals_are_dropped_and_counted_by_reason() -> None:
    domain = Adding()
    state = domain.reset(Task("t", "10"))
    expansion = expand(domain, state, ["one", "7", "", "2"], None)
    assert [child.text for child in expansion.children] == ["2"]
    assert expansion.dropped == {"format": 2, "illegal": 1}


def test_whole_solutions_must_end_the_task() -> None:
    domain = Adding()
    state = domain.reset(Task("t", "5"))
    expansion = expand(domain, state, ["1 1", "3 2", "3 3 3"], None, whole=True)
    assert [(child.text, child.step.reward, child.actions) for child in expansion.children] == [
        ("3 2", 1.0, (3, 2)),
        ("3 3 3", 0.0, (3, 3)),
    ]
    assert expansion.dropped == {"unfinished": 1}


def test_no_proposal_gives_no_children() -> None:
    domain = Adding()
    assert expand(domain, domain.reset(Task("t", "5")), [], []).children == ()


def test_lengths_must_agree() -> None:
    domain = Adding()
    with pytest.raises(ValueError, match="2 proposals came with 1 log-probabilities"):
        expand(domain, domain.reset(Task("t", "5")), ["1", "2"], [0.0])

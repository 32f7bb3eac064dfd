"""Measures of trust, by worked examples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from treewright.value_models.measures import (
    Bin,
    auroc,
    auroc_within,
    calibration_error,
    precision_recall,
    rank_correlation,
    reliability,
)


def given(values, labels):
    return np.array(values, float), np.array(labels, bool)


def test_auroc_counts_ties_half():
    assert auroc(*given([0.9, 0.4, 0.4], [1, 0, 1])) == 0.75
    assert auroc(*given([0.1, 0.2, 0.8], [0, 0, 1])) == 1.0
    assert auroc(*given([0.8, 0.2], [0, 1])) == 0.0
    assert math.isnan(auroc(*given([0.8, 0.2], [1, 1])))


def test_auroc_within_groups_forgives_nothing_between_them():
    values, labels = given([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0])
    assert auroc_within(values, labels, np.array([0, 1, 0, 1])) == 1.0
    assert math.isnan(auroc_within(values, labels, np.array([0, 0, 1, 1])))
    one, other = given([0.9, 0.1, 0.5, 0.4, 0.6], [1, 0, 0, 1, 1])
    assert auroc_within(one, other, np.array([0, 0, 1, 1, 1])) == (1 + 1) / 3


def test_calibration_error_is_as_documented():
    values, labels = given([0.2, 0.2, 0.9], [0, 1, 1])
    assert calibration_error(values, labels) == pytest.approx(2 / 3 * 0.3 + 1 / 3 * 0.1)
    low, high = reliability(values, labels)
    assert (low.states, low.value, low.good) == (2, pytest.approx(0.2), 0.5)
    assert high == Bin(0.9, 1.0, 1, 0.9, 1.0)


def test_a_value_of_one_is_in_the_last_bin():
    (only,) = reliability(*given([1.0], [1]))
    assert (only.low, only.high) == (0.9, 1.0)


def test_precision_and_recall_at_a_threshold():
    values, labels = given([0.9, 0.5, 0.4, 0.1], [1, 0, 1, 0])
    assert precision_recall(values, labels, 0.5) == (0.5, 0.5)
    precision, recall = precision_recall(values, labels, 0.95)
    assert math.isnan(precision)
    assert recall == 0.0


def test_rank_correlation_is_as_documented():
    assert rank_correlation(np.array([1.0, 2, 3]), np.array([1.0, 3, 2])) == pytest.approx(1 / 3)
    assert rank_correlation(np.array([1.0, 2]), np.array([2.0, 1])) == -1.0
    tied = rank_correlation(np.array([1.0, 1, 2]), np.array([0.0, 1, 1]))
    assert tied == pytest.approx(1 / 2)
    assert math.isnan(rank_correlation(np.array([1.0, 1]), np.array([0.0, 1])))


def test_labels_may_be_zeros_and_ones():
    values, labels = np.array([0.9, 0.4, 0.4]), np.array([1, 0, 1])
    assert auroc(values, labels) == 0.75
    assert auroc_within(values, labels, np.zeros(3)) == 0.75
    assert precision_recall(values, labels, 0.5) == (1.0, 0.5)

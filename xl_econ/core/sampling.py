"""Sampling: stratified draws of several quantities at once, with rank correlations; and how ranks of results follow.

Latin hypercube: each quantity takes the middle of every one of as many equal strata as there are runs, in an order of
its own, so that its percentiles are those of its distribution whatever the seed. Rank correlations come by reordering
(Iman and Conover 1982) to a Gaussian copula, which leaves every quantity's own draws as they are.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

SAME_DIGITS = 12
"""What is equal to so many digits has the same rank."""
LEAST_EIGENVALUE = 1e-9
"""Of a matrix of correlations that counts as positive definite."""


def strata(runs: int) -> Numbers:
    """The middle of each stratum, as a probability."""
    return (np.arange(runs) + 1 / 2) / runs


def normal_scores(runs: int) -> Numbers:
    """What a standard normal quantity has at the middle of each stratum; of mirrored halves, one is computed."""
    half = np.fromiter(map(NormalDist().inv_cdf, strata(runs)[: runs // 2]), float, runs // 2)
    return np.concatenate([half, np.zeros(runs % 2), -half[::-1]])


def copula(rank_correlations: Numbers) -> Numbers:
    """The correlations of normal quantities whose ranks correlate as wanted."""
    return 2 * np.sin(np.pi * rank_correlations / 6)


def is_positive_definite(matrix: Numbers) -> bool:
    """Whether quantities can correlate like this, all at once."""
    return bool(np.linalg.eigvalsh(matrix)[0] > LEAST_EIGENVALUE)


def drawn_strata(runs: int, rank_correlations: Numbers, seed: int) -> Places:
    """Which stratum (from 0) each quantity takes in each run: an array of shape (quantities, runs)."""
    random, count = np.random.default_rng(seed), len(rank_correlations)
    places = np.stack([random.permutation(runs) for _ in range(count)]) if count else np.empty((0, runs), int)
    tied = np.flatnonzero(np.sum(np.abs(rank_correlations) > 0, axis=0) > 1)
    if len(tied) and runs > len(tied):
        scores = normal_scores(runs)[places[tied]]
        wanted = np.linalg.cholesky(copula(rank_correlations)[np.ix_(tied, tied)])
        there = np.linalg.cholesky(np.corrcoef(scores))
        places[tied] = ranks(wanted @ np.linalg.solve(there, scores))
    return places


def ranks(values: Numbers) -> Places:
    """The place (from 0) of each value along the last axis."""
    return np.argsort(np.argsort(values, axis=-1, kind="stable"), axis=-1, kind="stable")


def shared_ranks(values: Numbers) -> Numbers:
    """Ranks of one row of values, where equals share the middle of theirs; a last digit makes no difference."""
    size = float(np.max(np.abs(values))) or 1.0
    _, which, counts = np.unique(np.round(values / size, SAME_DIGITS), return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[which]


def rank_correlation(some: Numbers, others: Numbers) -> float:
    """Spearman's, of two rows of values; 0 where one of them stands still."""
    if not len(some):
        return 0.0
    first, second = (each - np.mean(each) for each in (shared_ranks(some), shared_ranks(others)))
    size = np.sqrt(np.sum(first**2) * np.sum(second**2))
    return float(np.sum(first * second) / size) if size > 0 else 0.0

"""How alike two texts are, without a model: the cosine of their hashed bags of words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np

DIMENSION = 1024

Vectors = np.ndarray[Any, np.dtype[np.float32]]
Embedder = Callable[[Sequence[str]], Vectors]

_WORD = re.compile(r"\w+|[^\w\s]")


def hashed_words(texts: Sequence[str]) -> Vectors:
    """One unit vector a text, [N, 1024]: counts of its lower-case words and signs, each at a place by its hash.

    Weinberger et al. 2009, with the sign of a word's place from the hash as well, so that collisions cancel on average.
    A text without words is the zero vector.
    """
    vectors = np.zeros((len(texts), DIMENSION), np.float32)
    for row, text in zip(vectors, texts, strict=True):
        for word, count in Counter(_WORD.findall(text.lower())).items():
            place, sign = _place(word)
            row[place] += sign * count
        length = math.sqrt(float(row @ row))
        if length > 0:
            row /= length
    return vectors


def similarities(texts: Sequence[str], embedder: Embedder = hashed_words) -> Vectors:
    """The cosine of each text with each, [N, N], in [-1, 1]; 0 where one of them has no words."""
    vectors = embedder(texts)
    return np.asarray(vectors @ vectors.T, np.float32)


@lru_cache(maxsize=1 << 16)
def _place(word: str) -> tuple[int, int]:
    digest = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big")
    return digest % DIMENSION, 1 if digest >> 63 else -1

"""The nearest names to one that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable


def close_matches(word: str, names: Iterable[str], n: int = 3, cutoff: float = 0.6) -> list[str]:
    """At most ``n`` of ``names`` that are like ``word``, the best first; ``cutoff`` is how alike, from 0 to 1."""
    from difflib import get_close_matches  # only mistakes need it

    return get_close_matches(word, list(names), n, cutoff)

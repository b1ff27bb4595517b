"""When two names are nearly the same, and when a star was meant as a pattern."""

from __future__ import annotations

from rbaclens.authorizers.matching import ALL

_LONGEST_ENDING = 2
_SHORTEST_FOR_A_SLIP = 4


def alike(one: str, other: str) -> bool:
    """Whether two different names may be meant as one: other case, singular and plural, or a slip of one letter.

    Digits are no slips (``ns-1`` and ``ns-2`` are two namespaces), nor are whole words of one letter (``team-a``, ``team-b``).
    """
    if not one or not other or abs(len(one) - len(other)) > _LONGEST_ENDING:
        return False
    one, other = _stem(one.lower()), _stem(other.lower())
    return one == other or _one_slip(one, other)


def _stem(word: str) -> str:
    """A lower-case word without its plural's ending: networkpolicies and networkpolicy, ingresses and ingress."""
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _one_slip(one: str, other: str) -> bool:
    if min(len(one), len(other)) < _SHORTEST_FOR_A_SLIP:
        return False
    start = _in_common(one, other)
    end = _in_common(one[start:][::-1], other[start:][::-1])
    left, right = one[start : len(one) - end], other[start : len(other) - end]
    if not (left + right).isalpha():
        return False
    if len(left) == len(right) == _LONGEST_ENDING:
        return left == right[::-1]
    return len(left) <= 1 and len(right) <= 1 and _inside_a_word(one, start, end)


def _in_common(one: str, other: str) -> int:
    """How many letters both begin with."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _inside_a_word(text: str, start: int, end: int) -> bool:
    before = text[start - 1 : start] if start else ""
    return before.isalnum() or text[len(text) - end : len(text) - end + 1].isalnum()


def spans(pattern: str, text: str) -> bool:
    """Whether ``text`` would match ``pattern`` if each star in it stood for anything; false without a star.

    The places where a star does mean something are for ``authorizers.matching``.
    """
    if ALL not in pattern:
        return False
    first, *middle, last = pattern.split(ALL)
    if not text.startswith(first):
        return False
    position = len(first)
    for piece in middle:
        found = text.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return len(text) - len(last) >= position and text.endswith(last)

"""The smallest set that meets all others."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from rbaclens.graph.attack.hitting import smallest_hitting_set

families = st.lists(st.frozensets(st.sampled_from("abcdefg"), min_size=1, max_size=4), max_size=8)


def brute(sets):
    """The size of the smallest set, by trying all of them."""
    elements = sorted({element for one in sets for element in one})
    for size in range(len(elements) + 1):
        for chosen in combinations(elements, size):
            if all(one & set(chosen) for one in sets):
                return size
    raise AssertionError


@given(families)
def test_smallest(sets):
    """It meets every set, nothing smaller does, and it says so."""
    found, proven = smallest_hitting_set(sets)
    assert proven
    assert all(one & found for one in sets)
    assert len(found) == brute(sets)


@given(families, st.randoms())
def test_order_does_not_matter(sets, random):
    """The same sets in another order give the same answer."""
    shuffled = list(sets)
    random.shuffle(shuffled)
    assert smallest_hitting_set(shuffled) == smallest_hitting_set(sets)


def test_too_many_branches(monkeypatch):
    """Where proof would take too long, the answer still meets all, can lose nothing, and says that it is not proven."""
    monkeypatch.setattr("rbaclens.graph.attack.hitting._MOST_BRANCHES", 3)
    sets = [frozenset(pair) for pair in combinations("abcdefghij", 3)]
    found, proven = smallest_hitting_set(sets)
    assert not proven
    assert all(one & found for one in sets)
    assert not any(all(one & (found - {element}) for one in sets) for element in found)

"""A sieve lets through whatever could match, and what is remembered stays bounded."""

from __future__ import annotations

import strategies
from hypothesis import given
from hypothesis import strategies as st

from rbaclens.authorizers.matching import rule_allows
from rbaclens.index import sieve
from rbaclens.index.sieve import PATHS, RESOURCE_SIEVES, rules_sieve


@given(st.lists(strategies.rules, max_size=3), strategies.requests())
def test_what_matches_passes(rules, request):
    """Rules of which one allows a request have a bit in common with it (RBAC-11, RBAC-17)."""
    asked = PATHS if request.path is not None else RESOURCE_SIEVES[request.resource]
    if any(rule_allows(rule, request) for rule in rules):
        assert rules_sieve(rules) & asked


def test_no_rules_is_known_too():
    """A role without rules has a sieve that is not the zero of one that was not made yet, and lets nothing through."""
    assert rules_sieve(())
    assert not rules_sieve(()) & (PATHS | RESOURCE_SIEVES["*"])


def test_any_resources_are_asked_about(monkeypatch):
    """More resources than are remembered have their bits, which stay the same when they were forgotten."""
    monkeypatch.setattr(sieve, "REMEMBERED_RESOURCES", 3)
    names = [f"widgets-{number}" for number in range(10)]
    assert [RESOURCE_SIEVES[name] for name in names] == [RESOURCE_SIEVES[f"{name}/status"] for name in names]
    assert len(RESOURCE_SIEVES) <= 3

"""Techniques as sets of atoms, and rows of hops."""

from __future__ import annotations

from audit_rules import account, binding, policy_of, role, rule, user
from hypothesis import given
from hypothesis import strategies as st

from rbaclens.analysis.capability import Atom, Expression, asked, form, may
from rbaclens.analysis.shipped import Shipped
from rbaclens.graph.attack.build import AttackBuilder
from rbaclens.graph.attack.registry import load_techniques
from rbaclens.graph.attack.technique import Technique
from rbaclens.graph.attack.variants import Variants
from rbaclens.index.engine import Engine
from rbaclens.model.policy import PolicySet

TECHNIQUES = [one for one in load_techniques((1, 36)) if isinstance(one, Technique)]
VARIANTS = Variants(TECHNIQUES)
PATTERNS = list(VARIANTS.table.bits)


@given(st.sampled_from(TECHNIQUES), st.booleans(), st.data())
def test_clauses_say_what_needs_say(technique: Technique, restricted: bool, data: st.DataObject):
    """Somebody can do a technique by its clauses if and only if they hold its needs, whatever they hold."""
    variant = VARIANTS.variant(technique, restricted=restricted and bool(technique.named))
    relevant = [pattern for pattern in PATTERNS if VARIANTS.table.bits[pattern] & variant.relevant]
    held = set(data.draw(st.lists(st.sampled_from(relevant))))
    limited = (*technique.any_name, *(technique.named if variant.restricted else ()))
    mask = sum(VARIANTS.table.bits[pattern] for pattern in held)
    assert variant.is_enough(mask) == asked(technique.needs, lambda pattern: form(pattern, pattern.resource in limited) in held)
    assert variant.is_enough(mask) == (VARIANTS.fires(mask) & variant.bit != 0)


def test_expressions_are_tested_by_atoms():
    """A test of atoms is there for what techniques ask about, and for nothing else."""
    known: Expression = may("create", "pods")
    assert isinstance(known, Atom)
    test = VARIANTS.test_of(known, restricted=False)
    assert test is not None
    assert test(VARIANTS.table.bits[form(known.pattern, False)])
    assert not test(0)
    assert VARIANTS.test_of(may("create", "teapots"), restricted=False) is None


def test_those_who_hold_the_same_get_the_same_hops():
    """The second who holds something in a namespace gets what the first got there, closed hops too."""
    policy = policy_of(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": "shop", "labels": {"pod-security.kubernetes.io/enforce": "baseline"}},
        },
        role("tried", rule("create", "pods"), rule("get", "secrets")),
        binding("tried", user("one"), user("two"), account("web", "shop"), role="tried", namespace="shop"),
    )
    graph = AttackBuilder(Engine(policy), Shipped(PolicySet())).graph()
    of = {
        who: [(hop.target, hop.technique.id, hop.scope, hop.closed) for hop in (*graph.hops, *graph.closed) if hop.source == who]
        for who in ("user:one", "user:two", "sa:shop/web")
    }
    assert of["user:one"] == of["user:two"]
    assert set(of["user:one"]) <= set(of["sa:shop/web"])
    assert any(closed for *_, closed in of["user:one"])
    assert any(not closed for *_, closed in of["user:one"])

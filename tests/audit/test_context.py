"""What rules ask of the policy: the same as going through all of it."""

from __future__ import annotations

from typing import get_args

import strategies
from hypothesis import given
from hypothesis import strategies as st

from rbaclens.audit.context import Context, Field
from rbaclens.index.engine import Engine
from rbaclens.model.policy import PolicySet


def _context(policy: PolicySet) -> Context:
    return Context(Engine(policy), PolicySet())


@given(strategies.policies(), st.sampled_from(get_args(Field)), st.sets(st.sampled_from([*strategies.VERBS, *strategies.RESOURCES])))
def test_rules_naming_a_word(policy: PolicySet, field: Field, words: set[str]):
    """They are those that have such a word in the field, each once and in order."""
    context = _context(policy)
    found = [(id(role), number, rule) for role, number, rule in context.rules_naming(field, words.__contains__)]
    assert found == [
        (id(role), number, rule)
        for role in context.roles
        for number, rule in enumerate(() if role.gathered else role.rules)
        if not words.isdisjoint(getattr(rule, field))
    ]


@given(strategies.policies())
def test_bindings_with_their_roles(policy: PolicySet):
    """Bindings whose role is there come with it, and groups with every binding that names them."""
    context = _context(policy)
    assert context.bound == tuple((one, context.role_of(one)) for one in context.bindings if context.role_of(one) is not None)
    groups = {(id(binding), binding.subjects[position].name, id(role)) for binding, position, role in context.bound_groups}
    assert groups == {
        (id(binding), subject.name, id(context.role_of(binding)))
        for binding in policy.bindings
        for subject in binding.subjects
        if subject.kind == "Group" and context.role_of(binding) is not None
    }

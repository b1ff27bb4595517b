"""The audit's sets of atoms against the engine: somebody holds an atom if and only if the engine allows the request."""

import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.analysis.capability import atoms, form, may, may_reach
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.analysis.holdings import Everybody
from rbaclens.analysis.shipped import Shipped
from rbaclens.audit.rule import C, CapabilityRule, N
from rbaclens.audit.universe import Universe
from rbaclens.index.engine import Engine
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request

ASKED = [
    ("get", "pods", ""),
    ("create", "pods", ""),
    ("get", "pods/log", ""),
    ("list", "secrets", ""),
    ("get", "secrets", "apps"),
    ("create", "deployments/scale", "apps"),
]
PATHS = [("get", "/healthz"), ("get", "/api/v1"), ("create", "/x")]
FRESH_NAME = "rbaclens-fresh"
FRESH_PLACE = "rbaclens-anywhere"


def _rules():
    found = [
        CapabilityRule(id=f"RL80{n:02}", title="t", gives="g.", fix="f.", trigger=may(*ask), scores={C: 9.0, N: 7.0})
        for n, ask in enumerate(ASKED)
    ]
    for n, (verb, path) in enumerate(PATHS):
        found.append(CapabilityRule(id=f"RL81{n:02}", title="t", gives="g.", fix="f.", trigger=may_reach(verb, path), scores={C: 9.0}))
    return found


def _request(ask, namespace, user, groups):
    verb, resource, group = ask
    main, _, subresource = resource.partition("/")
    # A create carries no name but for a subresource; a fresh one stands for any object.
    name = "" if verb in ("create", "list") and not subresource else FRESH_NAME
    return Request(verb, main, group, subresource, namespace, name, user=user, groups=groups)


@settings(max_examples=120, deadline=None)
@given(strategies.policies(), st.sampled_from(strategies.USERS), st.lists(st.sampled_from(strategies.GROUPS), max_size=2, unique=True))
def test_masks_agree_with_decisions(policy, user, groups):
    """Everywhere: in a namespace that nothing names; in a namespace: there. A list of all namespaces counts everywhere."""
    if "system:masters" in groups or not user:
        return
    engine = Engine(policy)
    rules = _rules()
    universe = Universe(rules)
    everybody = Everybody(engine, Shipped(PolicySet()), universe, {user: groups})
    own, closure = everybody.users.get(user), everybody.groups_of(user)
    shared = everybody.of_groups(closure)
    everywhere = (own.cluster if own else 0) | shared.cluster

    def allowed(ask, place):
        places = (place, "") if ask[0] == "list" else (place,)
        return any(engine.decide(_request(ask, one, user, closure)).allowed for one in places)

    for scope, place in ((EVERYWHERE, FRESH_PLACE), ("a", "a"), ("b", "b")):
        local = ((own.local.get(scope, 0) if own else 0) | shared.local.get(scope, 0)) & universe.within(scope)
        fired = {one.rule.id for one in universe.of(universe.fires(everywhere | local))}
        for rule, ask in zip(rules, ASKED, strict=False):
            assert (rule.id in fired) == allowed(ask, place), (scope, ask)
            assert (rule.id in fired) == everybody.may(user, closure, scope, form(next(atoms(rule.trigger)), False)), (scope, ask)
    fired = {one.rule.id for one in universe.of(universe.fires(everywhere))}
    for rule, (verb, path) in zip(rules[len(ASKED) :], PATHS, strict=True):
        assert (rule.id in fired) == engine.decide(Request(verb, path=path, user=user, groups=closure)).allowed

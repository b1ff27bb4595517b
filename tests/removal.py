"""The experiment behind ``verify``: take one rule out of a policy, and see whether the cross-check finds it."""

import random
from collections.abc import Iterator

import msgspec

from rbaclens.analysis.coverage import Coverage
from rbaclens.analysis.principals import principal_of
from rbaclens.index.engine import Engine
from rbaclens.index.permissions import rules_review
from rbaclens.model.aggregation import aggregate_roles
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.objects import Role
from rbaclens.model.policy import PolicySet

RBAC = AuthorizerConfig((AuthorizerEntry("RBAC", "rbac"),))


def removals(policy: PolicySet, seed: int) -> Iterator[tuple[Role, int, Engine]]:
    """Every written rule in random order, with an engine that lacks it; those that change no answer are left out."""
    full = Engine(policy, RBAC)
    rules = [(role, index) for role in policy.roles if role.aggregation is None for index in range(len(role.rules))]
    random.Random(seed).shuffle(rules)  # noqa: S311
    for role, index in rules:
        reduced = Engine(without(policy, role, index), RBAC)
        if changes_something(full, reduced):
            yield role, index, reduced


def without(policy: PolicySet, role: Role, index: int) -> PolicySet:
    """``policy`` without one rule, aggregated roles gathered anew."""
    lacking = msgspec.structs.replace(role, rules=role.rules[:index] + role.rules[index + 1 :])
    roles = aggregate_roles([lacking if one is role else one for one in policy.roles])
    return msgspec.structs.replace(policy, roles=roles)


def changes_something(full: Engine, reduced: Engine) -> bool:
    """Whether some subject of some binding may do less: a rule of nobody's, or one that another covers, is no loss."""
    for binding in full.policy.bindings:
        before, after = full.index.role_of(binding), reduced.index.role_of(binding)
        if before is None or after is None or before.rules == after.rules:
            continue
        for subject in binding.subjects:
            who = principal_of(subject, binding)
            if who is not None and _loses(full, reduced, *who.alone(), binding.namespace):
                return True
    return False


def _loses(full: Engine, reduced: Engine, user: str, groups: tuple[str, ...], namespace: str) -> bool:
    had = rules_review(full, user, groups, namespace or "default")
    left = rules_review(reduced, user, groups, namespace or "default")
    # A RoleBinding grants no URL (RBAC-29), though the server lists it.
    urls = had.non_resource_rules if not namespace else ()
    return bool(Coverage([*left.resource_rules, *left.non_resource_rules]).missing([*had.resource_rules, *urls]))

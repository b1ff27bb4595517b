"""On small random clusters, a search that asks the plain evaluator request by request reaches the same sinks as the graph.

The reference knows nothing of atoms, masks or footholds: an attacker is a user, groups and a policy, and whatever the server would allow
them is tried. It covers a handful of techniques; of the graph, only hops of these and of structure are followed.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rbaclens.analysis.shipped import Shipped
from rbaclens.authorizers.reference.decide import decide
from rbaclens.graph.attack.build import AttackBuilder
from rbaclens.graph.attack.hops import HopGraph
from rbaclens.index.engine import Engine, default_config
from rbaclens.model.identity import MASTERS, implied_groups, parse_service_account, service_account_user
from rbaclens.model.location import Origin
from rbaclens.model.objects import RBAC_GROUP, Binding, PlainObject, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule
from rbaclens.sources import Objects, assemble

HERE = Origin("random")
NAMESPACES = ("a", "b", "default", "kube-system")
IDENTITIES = {"u": ("g",)}
NOBODY = "somebody-new"
FOLLOWED = frozenset({
    "ANY_IDENTITY", "ANY_OF_ALL", "BIND_CLUSTER", "CREATE_POD_AS_SA", "ESCALATE_CLUSTERROLE", "HOLDS_EVERYTHING", "IMPERSONATE_GROUP",
    "IMPERSONATE_SA", "IMPERSONATE_USER", "MEMBER_OF", "READ_SECRET", "SYSTEM_MASTERS", "TOKEN_REQUEST",
})  # fmt: skip
SINKS = ("sink:cluster-admin", *(f"secrets:{namespace}" for namespace in NAMESPACES))


def _rule(verbs: str, resource: str, group: str = "", *names: str) -> PolicyRule:
    return PolicyRule(tuple(verbs.split()), (group,), (resource,), names)


RULES = (
    _rule("create", "serviceaccounts/token"),
    _rule("create", "serviceaccounts/token", "", "x"),
    _rule("create", "pods"),
    _rule("create", "pods", "", "x"),
    _rule("impersonate", "users", "", "v", "system:serviceaccount:a:x"),
    _rule("impersonate", "users"),
    _rule("impersonate", "groups", "", "g"),
    _rule("impersonate", "groups", "", MASTERS),
    _rule("impersonate", "serviceaccounts", "", "y"),
    _rule("impersonate", "serviceaccounts"),
    _rule("list", "secrets"),
    _rule("get", "secrets", "", "s"),
    _rule("bind", "clusterroles", RBAC_GROUP, "r0", "r1"),
    _rule("bind", "clusterroles", RBAC_GROUP),
    _rule("create", "clusterrolebindings", RBAC_GROUP),
    _rule("escalate", "clusterroles", RBAC_GROUP, "r0"),
    _rule("escalate update", "clusterroles", RBAC_GROUP),
    _rule("patch", "clusterroles", RBAC_GROUP, "r0", "r2"),
    _rule("*", "*", "*"),
)
SUBJECTS = (
    Subject("User", "u"),
    Subject("User", "v"),
    Subject("Group", "g"),
    Subject("Group", "system:serviceaccounts:b"),
    Subject("ServiceAccount", "x", "a"),
    Subject("ServiceAccount", "y", "b"),
)
ACCOUNTS = tuple(PlainObject("ServiceAccount", *one, HERE) for one in (("a", "x"), ("b", "y")))
ADMIN = Role("ClusterRole", "", "cluster-admin", (PolicyRule(("*",), ("*",), ("*",)),), HERE)


@st.composite
def clusters(draw: st.DrawFn) -> PolicySet:
    roles = [ADMIN]
    for number in range(3):
        rules = draw(st.lists(st.sampled_from(RULES[:-1] if number else RULES), min_size=1, max_size=3))
        roles.append(Role("ClusterRole", "", f"r{number}", tuple(rules), HERE))
    bindings = []
    for number in range(draw(st.integers(1, 5))):
        namespace = draw(st.sampled_from(["", "", "a", "b"]))
        ref = RoleRef("ClusterRole", f"r{draw(st.integers(0, 2))}")
        subject = draw(st.sampled_from(SUBJECTS))
        bindings.append(Binding("RoleBinding" if namespace else "ClusterRoleBinding", namespace, f"b{number}", (subject,), ref, HERE))
    namespaces = tuple(PlainObject("Namespace", "", name, HERE) for name in NAMESPACES)
    return PolicySet(roles=tuple(roles), bindings=tuple(bindings), namespaces=namespaces, service_accounts=ACCOUNTS)


class Attacker(msgspec.Struct, frozen=True):
    """Somebody, and the ClusterRoles that they have bound to themselves."""

    user: str
    groups: tuple[str, ...]
    bound: frozenset[str] = frozenset()

    def policy(self, policy: PolicySet) -> PolicySet:
        """The policy with their own bindings."""
        new = [
            Binding("ClusterRoleBinding", "", f"own-{name}", (Subject("User", self.user),), RoleRef("ClusterRole", name), HERE)
            for name in sorted(self.bound)
        ]
        return msgspec.structs.replace(policy, bindings=(*policy.bindings, *new))


def reached(policy: PolicySet, start: Attacker) -> set[str]:
    """The sinks that somebody reaches, by trying everything that comes to mind until nothing new happens."""
    sinks: set[str] = set()
    seen, waiting = {start}, [start]
    while waiting:
        for step in list(_steps(policy, waiting.pop())):
            if isinstance(step, str):
                sinks.add(step)
            elif step not in seen:
                seen.add(step)
                waiting.append(step)
    # Whoever amounts to cluster-admin is not followed further.
    return {"sink:cluster-admin"} if "sink:cluster-admin" in sinks else sinks


def _steps(policy: PolicySet, one: Attacker) -> Iterator[str | Attacker]:
    config, own = default_config(policy), one.policy(policy)

    def may(verb: str, resource: str, group: str = "", namespace: str = "", name: str = "") -> bool:
        main, _, sub = resource.partition("/")
        return decide(own, config, Request(verb, main, group, sub, namespace, name, user=one.user, groups=one.groups)).allowed

    subjects = [subject for binding in policy.bindings for subject in binding.subjects]
    accounts = {(namespace, "default") for namespace in NAMESPACES}
    accounts |= {(one.namespace, one.name) for one in policy.service_accounts}
    accounts |= {(subject.namespace, subject.name) for subject in subjects if subject.kind == "ServiceAccount"}
    users = {subject.name for subject in subjects if subject.kind == "User"}
    if may("some-verb", "some-resource", "some.group"):
        yield "sink:cluster-admin"
    for namespace, name in accounts:
        user = service_account_user(namespace, name)
        taken = Attacker(user, implied_groups(user))
        if may("create", "serviceaccounts/token", "", namespace, name) or may("create", "pods", "", namespace):
            yield taken
        if may("impersonate", "serviceaccounts", "", namespace, name):
            yield taken
    for user in users:
        if parse_service_account(user) is None and may("impersonate", "users", "", "", user):
            yield Attacker(user, ("system:authenticated",))
    anybody = any(may("impersonate", "users", "", "", user) for user in (*users, NOBODY, "v", "system:serviceaccount:a:x"))
    anybody = anybody or any(may("impersonate", "serviceaccounts", "", namespace, name) for namespace in NAMESPACES for name in ("x", "y"))
    if anybody and may("impersonate", "groups", "", "", MASTERS):
        yield "sink:cluster-admin"
    if anybody and may("impersonate", "groups", "", "", "g"):
        yield Attacker(NOBODY, ("g", "system:authenticated"))
    for namespace in NAMESPACES:
        if may("list", "secrets", "", namespace):
            yield f"secrets:{namespace}"
    yield from _by_roles(own, one, may)


def _by_roles(own: PolicySet, one: Attacker, may) -> Iterator[str | Attacker]:  # type: ignore[no-untyped-def]
    for role in own.roles:
        if may("bind", "clusterroles", RBAC_GROUP, "", role.name) and may("create", "clusterrolebindings", RBAC_GROUP):
            if role.name == "cluster-admin":
                yield "sink:cluster-admin"
            elif role.name not in one.bound:
                yield msgspec.structs.replace(one, bound=one.bound | {role.name})
        changes = may("update", "clusterroles", RBAC_GROUP, "", role.name) or may("patch", "clusterroles", RBAC_GROUP, "", role.name)
        if changes and may("escalate", "clusterroles", RBAC_GROUP, "", role.name):
            for binding in own.bindings:
                mine = any(_is(subject, one) for subject in binding.subjects)
                if mine and binding.role_ref.name == role.name and not binding.namespace:
                    yield "sink:cluster-admin"


def _is(subject: Subject, one: Attacker) -> bool:
    if subject.kind == "Group":
        return subject.name in one.groups
    name = service_account_user(subject.namespace, subject.name) if subject.kind == "ServiceAccount" else subject.name
    return name == one.user


def followed(graph: HopGraph, start: str) -> set[str]:
    """The sinks that the graph reaches from a node by the techniques that the reference knows."""
    following: dict[str, list[str]] = {}
    for hop in graph.hops:
        if hop.technique.id in FOLLOWED:
            following.setdefault(hop.source, []).append(hop.target)
    seen, waiting = {start}, [start]
    while waiting:
        new = [node for node in following.get(waiting.pop(), []) if node not in seen]
        seen.update(new)
        waiting += new
    return {"sink:cluster-admin"} if "sink:cluster-admin" in seen else seen & set(SINKS)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(clusters())
def test_same_sinks(policy: PolicySet):
    """From everybody, graph and plain search reach the same sinks."""
    graph = AttackBuilder(Engine(policy), Shipped(assemble(Objects(), bootstrap=False)), identities=IDENTITIES).graph()
    starts = {"user:u": Attacker("u", implied_groups("u", ("g",))), "user:v": Attacker("v", implied_groups("v"))}
    for namespace, name in (("a", "x"), ("b", "y")):
        user = service_account_user(namespace, name)
        starts[f"sa:{namespace}/{name}"] = Attacker(user, implied_groups(user))
    for node, attacker in starts.items():
        assert followed(graph, node) == reached(policy, attacker), node

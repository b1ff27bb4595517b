"""Looking up subjects, roles and bindings: equal to the reference walk, and every reference that leads nowhere is found."""

from __future__ import annotations

import msgspec
import pytest
import strategies
from hypothesis import given, settings

from rbaclens.authorizers.reference.rbac import bindings_in_order, find_role, visit
from rbaclens.errors import UsageError
from rbaclens.index.lookup import (
    all_grants,
    find_bindings,
    find_roles,
    find_subjects,
    grants_naming,
    is_bootstrap,
    name_matcher,
    user_principal,
)
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.identity import service_account_user
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, PlainObject, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.rules import AggregationRule, LabelSelector, PolicyRule

HERE = Origin("here")
NAMESPACES = ["", *strategies.NAMESPACES]
NAMES = [*strategies.USERS, *strategies.GROUPS, "sa", "fresh"]
USERS = dict.fromkeys([*NAMES, *(service_account_user(namespace, name) for namespace in strategies.NAMESPACES for name in NAMES)])


def as_user(kind, name):
    """User name and groups of somebody who is exactly this principal."""
    if kind == "Group":
        return "\0nobody", (name,)
    return (service_account_user(*name.split("/")) if kind == "ServiceAccount" else name), ()


def key(one):
    """What makes an object one and the same."""
    return one.kind, one.namespace, one.name


@settings(max_examples=60, deadline=None)
@given(strategies.policies())
def test_holders_are_those_of_the_reference_walk(policy):
    """Somebody holds a role by a binding if and only if the reference, walking the policy for them, meets both (RBAC-20 to RBAC-32)."""
    held = {(e.role.kind, e.role.namespace, e.role.name, h.kind, h.name, *key(h.binding)) for e in find_roles(policy) for h in e.holders}
    walked = set()
    everybody = [user_principal(user) for user in USERS] + [("Group", group) for group in dict.fromkeys(NAMES)]
    for kind, name in everybody:
        for namespace in NAMESPACES:
            for binding, _, role in visit(policy, *as_user(kind, name), namespace):
                if role is not None:
                    walked.add((*key(role), kind, name, *key(binding)))
    assert held == walked


@settings(max_examples=60, deadline=None)
@given(strategies.policies(), strategies.identities)
def test_bindings_that_name_somebody(policy, identity):
    """The bindings listed for an identity are those of the reference walk over all namespaces, and the ABAC lines for it (ABAC-18)."""
    user, groups = identity
    walked = {key(binding) for namespace in NAMESPACES for binding, _, _ in visit(policy, user, groups, namespace)}
    named = list(grants_naming(policy, user, groups))
    assert {key(grant) for grant, _ in named if isinstance(grant, Binding)} == walked
    for _, (kind, name) in named:
        assert (kind, name) == user_principal(user) or (kind == "Group" and name in groups)
    lines = [line for line in policy.abac or () if (line.user or line.group) and line.user in ("", user) and line.group in ("", *groups)]
    assert [grant for grant, _ in named if isinstance(grant, AbacPolicy)] == lines


@settings(max_examples=40, deadline=None)
@given(strategies.policies())
def test_subjects_and_their_bindings(policy):
    """Every subject is listed once, and its bindings are those whose walk meets it."""
    entries = find_subjects(policy)
    assert len({(entry.kind, entry.name) for entry in entries}) == len(entries)
    for entry in entries:
        walked = {key(b) for namespace in NAMESPACES for b, _, _ in visit(policy, *as_user(entry.kind, entry.name), namespace)}
        assert {key(grant) for grant in entry.grants if isinstance(grant, Binding)} == walked


@settings(max_examples=40, deadline=None)
@given(strategies.policies())
def test_dangling_roles(policy):
    """A binding's role is the reference's, and a binding without one is dangling (RBAC-31, RBAC-34)."""
    entries = {key(entry.grant): entry for entry in find_bindings(policy) if isinstance(entry.grant, Binding)}
    for namespace in NAMESPACES:
        for binding in bindings_in_order(policy, namespace):
            entry = entries[key(binding)]
            assert entry.role == find_role(policy, binding)
            assert entry.role or entry.dangling


def binding(*subjects, ref=("Role", "r"), namespace="a", name="b", **more):
    """A binding in a namespace, or (empty) a ClusterRoleBinding."""
    return Binding("RoleBinding" if namespace else "ClusterRoleBinding", namespace, name, subjects, RoleRef(*ref), HERE, **more)


ROLE = Role("Role", "a", "r", (), HERE)
ACCOUNTS = (PlainObject("ServiceAccount", "a", "known", HERE),)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (binding(Subject("User", "bob")), []),
        (binding(Subject("ServiceAccount", "known")), []),
        (binding(Subject("ServiceAccount", "other")), ["ServiceAccount a/other does not exist"]),
        (binding(Subject("ServiceAccount", "default")), []),
        (binding(Subject("ServiceAccount", "other", "elsewhere")), []),
        (binding(Subject("ServiceAccount", "known"), ref=("Role", "gone")), ['role.rbac.authorization.k8s.io "gone" not found']),
        (binding(ref=("ClusterRole", "r")), ['clusterrole.rbac.authorization.k8s.io "r" not found']),
        (binding(Subject("Robot", "x"), ref=("Odd", "r")), ['unsupported role reference kind: "Odd"', "unknown kind of subject Robot"]),
        (binding(Subject("ServiceAccount", "x"), namespace=""), ["not found", "has no namespace (RBAC-25)"]),
        (binding(Subject("ServiceAccount", "x", "Bad_NS")), ["no service account can be called Bad_NS/x (ATTR-18)"]),
        (binding(Subject("User", "*")), ["User * is nobody's name"]),
        (binding(Subject("Group", "*")), ["Group * is nobody's name"]),
        (binding(Subject("User", "system:authenticated")), ["that is the name of a group"]),
        (binding(Subject("User", "system:serviceaccounts:a")), ["that is the name of a group"]),
        (binding(Subject("Group", "system:serviceaccount:a:x")), ["that is a service account's user name"]),
        (binding(Subject("Group", "system:serviceaccounts:a")), []),
    ],
)
def test_what_leads_nowhere(one, words):
    """Roles that are not there, service accounts that are not there though others of the namespace are, and impossible subjects."""
    (entry,) = find_bindings(PolicySet((ROLE,), (one,), service_accounts=ACCOUNTS))
    assert len(entry.dangling) == len(words)
    assert all(word in text for word, text in zip(words, entry.dangling, strict=True))


def test_abac_lines():
    """An ABAC line is a binding of its user, or of its group; with both it names the user, with neither nobody (ABAC-18)."""
    lines = (
        AbacPolicy(HERE, 1, user="bob"),
        AbacPolicy(HERE, 2, group="devs", namespace="a"),
        AbacPolicy(HERE, 3, user="system:serviceaccount:a:x", group="devs"),
        AbacPolicy(HERE, 4),
    )
    policy = PolicySet(abac=lines)
    assert [(e.kind, e.name, e.grants) for e in find_subjects(policy)] == [
        ("Group", "devs", (lines[1],)),
        ("ServiceAccount", "a/x", (lines[2],)),
        ("User", "bob", (lines[0],)),
    ]
    assert [e.name for e in find_subjects(policy, namespace="a")] == ["devs"]
    assert [entry.dangling for entry in find_bindings(policy)] == [(), (), (), ("the line names nobody (ABAC-18)",)]
    assert list(all_grants(policy)) == list(lines)


def test_service_accounts_without_bindings():
    """A service account that the policy has is a subject though nothing binds it."""
    (entry,) = find_subjects(PolicySet(service_accounts=ACCOUNTS))
    assert (entry.kind, entry.name, entry.grants, entry.account) == ("ServiceAccount", "a/known", (), ACCOUNTS[0])


def cluster_role(name, labels=None, selects=None):
    """A ClusterRole, aggregated when ``selects`` says which labels."""
    aggregation = None if selects is None else AggregationRule((LabelSelector(selects),))
    return Role("ClusterRole", "", name, (), HERE, labels or {}, aggregation=aggregation)


def test_aggregation_and_unused():
    """Roles are gathered by their labels, never into themselves (RBAC-41); one that is gathered is used."""
    roles = (
        cluster_role("all", {"to": "all"}, {"to": "all"}),
        cluster_role("part", {"to": "all"}),
        cluster_role("alone"),
        cluster_role("bad", selects={"-": "all"}),
        ROLE,
    )
    policy = PolicySet(roles, (binding(Subject("User", "bob"), ref=("ClusterRole", "all")), binding(namespace="a", name="empty")))
    entries = {entry.role.name: entry for entry in find_roles(policy)}
    assert (entries["all"].gathered_from, entries["all"].gathered_into) == (("part",), ())
    assert (entries["part"].gathered_from, entries["part"].gathered_into) == ((), ("all",))
    assert entries["bad"].gathered_from == ()
    assert [name for name, entry in entries.items() if entry.is_unused] == ["alone", "bad", "r"]
    assert [(h.kind, h.name, h.binding.name) for h in entries["all"].holders] == [("User", "bob", "b")]


def test_bootstrap_objects():
    """Default objects are those of the bootstrap policy, and labelled ones that say the same; a changed one is somebody's own."""
    label = {"kubernetes.io/bootstrapping": "rbac-defaults"}
    role = Role("ClusterRole", "", "x", (PolicyRule(("get",), ("",), ("pods",)),), Origin("bootstrap"), label)
    bound = binding(Subject("Group", "g"), namespace="", labels=label)
    shipped = {key(role): role, key(bound): bound}
    replace = msgspec.structs.replace
    assert is_bootstrap(role, {})
    assert is_bootstrap(replace(role, origin=HERE), shipped)
    assert is_bootstrap(bound, shipped)
    assert not is_bootstrap(bound, {})
    assert not is_bootstrap(replace(role, origin=HERE, labels={}), shipped)
    assert not is_bootstrap(replace(role, origin=HERE, rules=()), shipped)
    assert not is_bootstrap(replace(bound, subjects=(*bound.subjects, Subject("User", "eve"))), shipped)
    assert not is_bootstrap(replace(bound, role_ref=RoleRef("ClusterRole", "cluster-admin")), shipped)


@pytest.mark.parametrize(
    ("pattern", "regex", "expected"),
    [
        ("", False, ["devs", "shop/deployer", "a.b"]),
        ("de", False, ["devs", "shop/deployer"]),
        ("de*", False, ["devs"]),
        ("*/de*", False, ["shop/deployer"]),
        ("dev?", False, ["devs"]),
        ("[ad]*", False, ["devs", "a.b"]),
        ("a.b", False, ["a.b"]),
        ("a?b", False, ["a.b"]),
        ("^d.*s$", True, ["devs"]),
        (".", True, ["devs", "shop/deployer", "a.b"]),
        ("DE", False, []),
    ],
)
def test_patterns(pattern, regex, expected):
    """A part of a name, a glob for the whole of it, or a regular expression; names are told apart by case (X-03)."""
    test = name_matcher(pattern, regex=regex)
    assert [name for name in ("devs", "shop/deployer", "a.b") if test([name])] == expected


def test_a_broken_regular_expression():
    """A regular expression that is none is wrong usage."""
    with pytest.raises(UsageError, match="no regular expression"):
        name_matcher("(", regex=True)

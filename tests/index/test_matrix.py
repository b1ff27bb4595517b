"""Atoms, masks, and the rows of a matrix."""

from __future__ import annotations

from rbaclens.facts.resources import api_resources
from rbaclens.index.atoms import Atom, AtomMasks, Target, in_order, mentioned_atoms, resource_target, served_atoms
from rbaclens.index.engine import Engine
from rbaclens.index.matrix import Matrix, Reach, people, user_person
from rbaclens.index.permissions import HeldRule
from rbaclens.index.who_can import EVERYWHERE
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, PlainObject, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.rules import PolicyRule

HERE = Origin("f")
PODS, LOG, SCALE = Target("", "", "pods"), Target("", "", "pods", "log"), Target("", "apps", "deployments", "scale")


def policy(*bindings, rules=(), **more):
    """A policy of one ClusterRole r and bindings given as (namespace, kind of subject, its name)."""
    objects = tuple(
        Binding(
            "RoleBinding" if namespace else "ClusterRoleBinding",
            namespace,
            f"b{number}",
            (Subject(kind, name),),
            RoleRef("ClusterRole", "r"),
            HERE,
        )
        for number, (namespace, kind, name) in enumerate(bindings)
    )
    return PolicySet((Role("ClusterRole", "", "r", tuple(rules), HERE),), objects, **more)


GET = PolicyRule(("get",), ("",), ("pods",))


def test_targets_are_named_as_people_name_them():
    """Group behind the resource, subresource at the end; a path stands for itself (RBAC-11)."""
    assert [str(t) for t in (PODS, LOG, SCALE, Target("/healthz"))] == ["pods", "pods/log", "deployments.apps/scale", "/healthz"]
    assert resource_target("apps", "deployments/scale") == SCALE
    assert resource_target("", "pods/") == Target("", "", "pods/")


def test_mentioned_atoms():
    """Every verb on every resource and URL that the policy names, wildcards as written; reading first, URLs last."""
    abac = (AbacPolicy(HERE, 1, user="bob", readonly=True, api_group="", resource="secrets", non_resource_path="/x"),)
    rules = (
        PolicyRule(("list", "get"), ("",), ("pods", "pods/log")),
        PolicyRule(("*",), ("*",), ("*",)),
        PolicyRule(("get",), non_resource_urls=("/h*", "")),
    )
    assert [str(atom) for atom in mentioned_atoms(policy(rules=rules, abac=abac))] == [
        "get pods",
        "list pods",
        "get pods/log",
        "list pods/log",
        "get secrets",
        "list secrets",
        "watch secrets",
        "* *.*",
        "get /h*",
        "get /x",
        "list /x",
        "watch /x",
    ]


def test_served_atoms():
    """What the server serves: resources and subresources with their verbs."""
    found = served_atoms(api_resources())
    assert {Atom(PODS, "deletecollection"), Atom(LOG, "get"), Atom(SCALE, "patch")} <= set(found)
    assert list(found) == list(in_order(found))


def test_masks_of_rules():
    """A rule's mask has the atoms that it allows; an ABAC resource brings its subresources (ABAC-21)."""
    masks = AtomMasks([Atom(PODS, "get"), Atom(LOG, "get"), Atom(SCALE, "get"), Atom(Target("/healthz"), "get")])
    rules = {
        GET: 0b0001,
        PolicyRule(("*",), ("",), ("*",)): 0b0011,
        PolicyRule(("get",), ("*",), ("*/scale", "pods")): 0b0101,
        PolicyRule(("list",), ("*",), ("*",)): 0,
        PolicyRule(("get",), non_resource_urls=("/h*",)): 0b1000,
    }
    assert {rule: masks.of(HeldRule("", rule, ())) for rule in rules} == rules
    assert masks.of(HeldRule("", GET, (), True)) == 0b0011


def test_people():
    """Users, groups and service accounts of bindings and lines, ServiceAccount objects, and the privileged group; nobody twice."""
    accounts = (PlainObject("ServiceAccount", "a", "sa", HERE), PlainObject("ServiceAccount", "a", "other", HERE))
    lines = (AbacPolicy(HERE, 1, user="carol", group="ops"),)
    found = people(
        Engine(
            policy(
                ("", "User", "bob"),
                ("a", "ServiceAccount", "sa"),
                ("", "Group", "devs"),
                ("", "User", ""),
                service_accounts=accounts,
                abac=lines,
            )
        )
    )
    assert [(person.kind, person.name) for person in found] == [
        ("Group", "devs"),
        ("Group", "ops"),
        ("Group", "system:masters"),
        ("ServiceAccount", "a/other"),
        ("ServiceAccount", "a/sa"),
        ("User", "bob"),
        ("User", "carol"),
    ]
    assert found[4].groups == ("system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated")


def test_rows_include_implied_groups():
    """What system:authenticated and the groups of service accounts hold, their members hold (ATTR-15, ATTR-16)."""
    engine = Engine(policy(("a", "Group", "system:authenticated"), ("b", "Group", "system:serviceaccounts:x"), rules=[GET]))
    matrix = Matrix(engine, [Atom(PODS, "get")])
    assert matrix.row(user_person("bob")).reaches == {"a": Reach(1)}
    assert matrix.row(user_person("system:serviceaccount:x:y")).reaches == {"a": Reach(1), "b": Reach(1)}
    assert matrix.row(user_person("system:anonymous")).reaches == {}


def test_what_holds_everywhere_is_not_repeated():
    """Reaches are apart: a namespace shows only what it adds."""
    engine = Engine(policy(("", "User", "bob"), ("a", "User", "bob"), rules=[GET]))
    row = Matrix(engine, [Atom(PODS, "get")]).row(user_person("bob"))
    assert row.reaches == {EVERYWHERE: Reach(1)}
    assert row.within("a") == Reach(1)


def test_certain_names():
    """A rule with names is held on names only, unless another holds on all (RBAC-15)."""
    named = PolicyRule(("get", "list"), ("",), ("pods",), ("x",))
    row = Matrix(Engine(policy(("a", "User", "bob"), rules=[named, GET])), [Atom(PODS, "get"), Atom(PODS, "list")]).row(user_person("bob"))
    assert row.reaches == {"a": Reach(0b01, 0b10)}
    assert row.within("b") == Reach()


def test_masters_hold_everything():
    """The privileged group needs no binding (ATTR-25)."""
    matrix = Matrix(Engine(PolicySet()), [Atom(PODS, "get"), Atom(Target("/x"), "get")])
    assert [row.reaches for row in matrix.rows(people(Engine(PolicySet())))] == [{EVERYWHERE: Reach(0b11)}]

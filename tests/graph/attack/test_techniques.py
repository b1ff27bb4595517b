"""Every technique: where it applies, where one precondition is missing, where the right comes by a group or by aggregation."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from attack_examples import EXAMPLES, MALLORY, POD_USER, Data, Example, Right, pod
from audit_rules import account, binding, group, plain, policy_of, role, rule, user

from rbaclens.analysis.shipped import Shipped
from rbaclens.graph.attack.build import AttackBuilder
from rbaclens.graph.attack.registry import TECHNIQUES, load_technique
from rbaclens.graph.attack.technique import Fact
from rbaclens.index.engine import Engine
from rbaclens.model.request import Request
from rbaclens.sources import Objects, assemble

CASES = [pytest.param(one, example, id=f"{one}-{number}") for one, found in EXAMPLES.items() for number, example in enumerate(found)]
HELD = [case for case in CASES if case.values[1].rights and not isinstance(load_technique(case.values[0]), Fact)]  # type: ignore[union-attr]


@cache
def shipped() -> Shipped:
    return Shipped(assemble(Objects()))


def hops(objects: list[Data], version: tuple[int, int], **more: Any) -> dict[tuple[str, str, str], str]:
    """Source, technique and target of every hop, and what closes it."""
    graph = AttackBuilder(Engine(policy_of(objects)), shipped(), version, **more).graph()
    return {(hop.source, hop.technique.id, hop.target): hop.closed for hop in (*graph.closed, *graph.hops)}


def held(example: Example, rights: tuple[Right, ...], *, by: str = "") -> list[Data]:
    """The rights as objects: held directly, ``by`` a group, or ``by`` aggregation; two rights in two roles, bound apart."""
    subject = user("mallory") if example.source != POD_USER else account("web", "shop")
    if by == "group":
        subject = group("wanderers") if example.source != POD_USER else group("system:serviceaccounts:shop")
    found: list[Data] = []
    for number, right in enumerate(rights):
        name = f"tried{number or ''}"
        one = rule(right.verbs, right.resources, right.group, right.names)
        if by == "aggregation":
            found.append(role(f"part{number}", one, labels={"part": name}))
            found.append(role(name, aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"part": name}}]}))
        else:
            found.append(role(name, one))
        found.append(binding(name, subject, role=name, namespace=example.namespace))
    return found


def closed(one: str, example: Example, rights: tuple[Right, ...], objects: tuple[Data, ...], *, by: str = "") -> str | None:
    """What closes the example's hop; empty: nothing, ``None``: there is no such hop."""
    source = "group:wanderers" if by == "group" and example.source == MALLORY else example.source
    target = example.target.replace(MALLORY, source)
    return hops([*held(example, rights, by=by), *objects], example.version).get((source, one, target))


def without_each(example: Example) -> Iterator[tuple[tuple[Right, ...], tuple[Data, ...]]]:
    """The example with one right or one object missing."""
    rights, objects = example.rights, (*example.objects, *example.spare)
    for number in range(len(rights)):
        yield rights[:number] + rights[number + 1 :], objects
    for number in range(len(example.objects)):
        yield rights, objects[:number] + objects[number + 1 :]
    for other in example.instead:
        yield rights, other


def test_every_technique_has_examples():
    """Nothing is registered that is not shown to work, and nothing is shown that is not registered."""
    assert tuple(EXAMPLES) == TECHNIQUES


@pytest.mark.parametrize(("one", "example"), CASES[1:])
def test_applies(one: str, example: Example):
    """With everything that it needs, the technique leads where the example says, and nothing is in its way."""
    assert closed(one, example, example.rights, (*example.objects, *example.spare)) == ""


@pytest.mark.parametrize(("one", "example"), [case for case in CASES if case.values[0] not in ("MEMBER_OF", "SYSTEM_MASTERS")])
def test_one_precondition_missing(one: str, example: Example):
    """Without any one of its rights or objects the hop is not there, or it is closed by what the object says."""
    assert example.rights or example.objects
    for rights, objects in without_each(example):
        found = closed(one, example, rights, objects)
        assert found is None or found, (rights, objects)


@pytest.mark.parametrize(("one", "example"), HELD)
@pytest.mark.parametrize("by", ["group", "aggregation"])
def test_by_group_and_aggregation(one: str, example: Example, by: str):
    """The same rights held by a group, or gathered into the role, lead to the same place."""
    assert closed(one, example, example.rights, (*example.objects, *example.spare), by=by) == ""


@pytest.mark.parametrize("one", [one for one in TECHNIQUES if load_technique(one).since > (0, 0) or load_technique(one).until < (99, 0)])
def test_versions(one: str):
    """A technique that depends on the version is gone on the other side of it."""
    technique, example = load_technique(one), EXAMPLES[one][0]
    major, minor = technique.since if technique.since > (0, 0) else technique.until
    other = (major, minor - 1) if technique.since > (0, 0) else (major, minor + 1)
    found = hops([*held(example, example.rights), *example.objects], other)
    assert not any(hop[1] == one for hop in found)


def test_members_have_what_their_group_has():
    """A hop of a group is not repeated for its members: they are in the group."""
    objects = [role("r", rule("create", "pods/exec")), binding("b", group("wanderers"), role="r")]
    found = hops(objects, (1, 36), identities={"mallory": ("wanderers",)})
    assert (MALLORY, "MEMBER_OF", "group:wanderers") in found
    assert (MALLORY, "EXEC_INTO_POD", "pods:*") not in found


def test_union_of_group_and_own():
    """Two halves of a technique, one held by oneself and the other by a group, are enough together."""
    objects = [role("a", rule("create", "secrets")), binding("a", group("wanderers"), role="a")]
    objects += [role("b", rule("get", "secrets")), binding("b", user("mallory"), role="b", namespace="shop")]
    found = hops(objects, (1, 36), identities={"mallory": ("wanderers",)})
    assert (MALLORY, "MINT_TOKEN_SECRET", "accounts:shop") in found
    assert not any(hop[1] == "MINT_TOKEN_SECRET" and hop[0] == "group:wanderers" for hop in found)


def test_node_restriction_keeps_kubelets():
    """What a kubelet may by its group, admission keeps to its own node: said of the hop; whom it does not concern goes through."""
    objects = [role("r", rule("create", "pods")), binding("b", group("system:nodes"), role="r")]
    objects += [role("o", rule("create", "pods/exec")), binding("o", group("system:nodes"), role="o")]
    found = hops(objects, (1, 36))
    assert "NodeRestriction" in found["group:system:nodes", "CREATE_POD_AS_SA", "accounts:*"]
    assert found["group:system:nodes", "EXEC_INTO_POD", "pods:*"] == ""


def test_kubelets_as_the_node_authorizer_decides():
    """The secrets to which a node's identity leads are those that the Node authorizer lets it read."""
    pods = [pod("a", volumes=[{"name": "v", "secret": {"secretName": "s"}}]), pod("b", node="n2", imagePullSecrets=[{"name": "t"}])]
    engine = Engine(policy_of(pods))
    found = hops(pods, (1, 36))
    for node in ("n1", "n2"):
        for name in ("s", "t"):
            request = Request("get", "secrets", namespace="shop", name=name, user=f"system:node:{node}", groups=("system:nodes",))
            assert engine.decide(request).allowed == ((f"node:{node}", "NODE_AUTHORIZER", f"secret:shop/{name}") in found)


def test_a_service_account_is_no_user():
    """The name of a service account is asked for among the service accounts: a right on users never gives it."""
    objects = [role("r", rule("impersonate", "users", "", "system:serviceaccount:shop:web")), binding("b", user("mallory"), role="r")]
    assert not any(hop[1] == "IMPERSONATE_USER" for hop in hops([*objects, plain("ServiceAccount", "web", "shop")], (1, 36)))


def test_impersonation_leaves_groups_behind():
    """Impersonating a user gives what is bound to the name, not what their groups hold."""
    objects = [role("r", rule("impersonate", "users", "", "carol")), binding("b", user("mallory"), role="r")]
    objects += [role("s", rule("list", "secrets")), binding("s", group("admins"), role="s"), binding("c", user("carol"), role="view")]
    found = hops(objects, (1, 36), identities={"carol": ("admins",)})
    assert (MALLORY, "IMPERSONATE_USER", "alone:carol") in found
    assert ("user:carol", "MEMBER_OF", "group:admins") in found
    assert not any(hop[0] == "alone:carol" and hop[2] == "group:admins" for hop in found)


def test_binding_one_role_to_bind_another():
    """A role that is bound to oneself may hold bind in turn: what follows is held together with all that came before."""
    objects = [
        role("start", rule("bind", "clusterroles", "rbac.authorization.k8s.io", "middle"), rule("create", "secrets")),
        role("middle", rule("get", "secrets"), rule("create", "clusterrolebindings", "rbac.authorization.k8s.io")),
        binding("b", user("mallory"), role="start"),
        role("half", rule("create", "clusterrolebindings", "rbac.authorization.k8s.io")),
        binding("h", user("mallory"), role="half"),
    ]
    found = hops(objects, (1, 36))
    become = "user:mallory + ClusterRole/middle@everywhere"
    assert (MALLORY, "BIND_CLUSTER", become) in found
    assert (become, "MINT_TOKEN_SECRET", "accounts:*") in found


def test_names_are_respected():
    """A create that is limited to names gives nothing, since it never carries one; a binding that is no target is not changed."""
    objects = [role("r", rule("create", "pods", "", "x"), rule("bind", "clusterroles", "rbac.authorization.k8s.io", "gone"))]
    objects += [binding("b", user("mallory"), role="r")]
    assert not any(hop[0] == MALLORY and hop[1] not in ("MEMBER_OF",) for hop in hops(objects, (1, 36)))


@pytest.mark.parametrize("one", TECHNIQUES)
def test_requests_can_be_filled_in(one: str):
    """Namespace and name go into the command, and no double brace is left."""
    filled = load_technique(one).request.format(namespace="shop", name="web")
    assert "{{" not in filled
    assert "{name}" not in filled

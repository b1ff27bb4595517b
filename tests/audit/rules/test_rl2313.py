"""RL2313: strong rights of an agent that runs on the nodes."""

import pytest
from audit_rules import account, binding, found, grant, group, plain, role, rule

AGENT = account("agent", "tools")


def pod(owner, spec=None):
    """A pod of the account tools/agent that belongs to a controller of a kind."""
    meta = {"name": "agent-x", "namespace": "tools", "ownerReferences": [{"apiVersion": "apps/v1", "kind": owner, "name": "agent"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"serviceAccountName": "agent"} if spec is None else spec}


@pytest.mark.parametrize(
    ("verb", "resource"),
    [
        ("get", "secrets"),
        ("list", "secrets"),
        ("patch", "secrets"),
        ("create", "pods"),
        ("delete", "pods"),
        ("patch", "pods"),
        ("update", "nodes"),
        ("delete", "nodes"),
        ("patch", "nodes/status"),
        ("create", "pods/exec"),
        ("get", "nodes/proxy"),
        ("*", "*"),
    ],
)
def test_strong_rights_of_an_agent(verb, resource):
    """Secrets, pods and nodes, and all that amounts to cluster-admin."""
    (one,) = found("RL2313", pod("DaemonSet"), grant(verb, resource, to=AGENT))
    assert (one.severity.title, str(one.principal)) == ("High", "sa:tools/agent")
    assert [grant.role.name for grant in one.evidence] == ["tried"]


@pytest.mark.parametrize(
    "objects",
    [
        [pod("ReplicaSet"), grant("*", "*", to=AGENT)],
        [pod("DaemonSet", {"serviceAccountName": "other"}), grant("*", "*", to=AGENT)],
        [pod("DaemonSet"), grant("*", "*", to=account("agent", "shop"))],
        [pod("DaemonSet"), grant("get list watch", "pods nodes configmaps", to=AGENT)],
        [pod("DaemonSet"), grant("delete", "pods", namespace="shop", to=AGENT)],
        [pod("DaemonSet"), grant("patch", "nodes", namespace="shop", to=AGENT)],
        [pod("DaemonSet"), grant("patch", "nodes", names="node-1", to=AGENT)],
        [pod("DaemonSet"), grant("patch", "pods/* nodes/*", to=AGENT)],
        [grant("*", "*", to=AGENT), plain("ServiceAccount", "agent", "tools")],
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Other controllers and accounts, reading, one namespace, one node; and without pods nothing is known."""
    flat = [one for some in objects for one in (some if isinstance(some, list) else [some])]
    assert found("RL2313", flat) == ()


def test_a_privileged_namespace_counts():
    """What makes pods there amounts to cluster-admin."""
    (one,) = found("RL2313", pod("DaemonSet"), grant("create", "pods", namespace="kube-system", to=AGENT))
    assert one.scopes == ("kube-system",)


def test_rights_of_its_group_count():
    """The account holds what all service accounts hold."""
    assert found("RL2313", pod("DaemonSet"), grant("list", "secrets", to=group("system:serviceaccounts")))


def test_the_default_account():
    """A pod that names no account runs under default."""
    (one,) = found("RL2313", pod("DaemonSet", {}), grant("list", "secrets", to=account("default", "tools")))
    assert str(one.principal) == "sa:tools/default"


def test_one_finding_for_an_account():
    """Several grants are one finding, which names them all and nothing else."""
    objects = [
        role("a", rule("delete", "pods"), rule("get", "configmaps")),
        role("b", rule("patch", "nodes")),
        *(binding(name, AGENT, role=name) for name in ("a", "b")),
    ]
    (one,) = found("RL2313", pod("DaemonSet"), objects)
    assert {(grant.role.name, grant.rule_index) for grant in one.evidence} == {("a", 0), ("b", 0)}


def test_the_template_of_a_daemon_set_is_enough():
    """Files hold the DaemonSet and not its pods: its account is the agent's all the same, and a Deployment's is not."""
    template = {"spec": {"serviceAccountName": "agent"}}
    for kind, count in (("DaemonSet", 1), ("Deployment", 0)):
        meta = {"name": "agent", "namespace": "tools"}
        controller = {"apiVersion": "apps/v1", "kind": kind, "metadata": meta, "spec": {"template": template}}
        assert len(found("RL2313", controller, grant("list", "secrets", to=AGENT))) == count

"""RL2309: bindings that name system:masters."""

import pytest
from audit_rules import account, binding, found, grant, group, role, rule, user

MASTERS = group("system:masters")


@pytest.mark.parametrize("namespace", ["", "shop"])
def test_any_binding_counts(namespace):
    """In the cluster and in a namespace."""
    (one,) = found("RL2309", grant("get", "pods", namespace=namespace, to=MASTERS))
    assert (one.severity.title, one.scopes, str(one.principal)) == ("High", (namespace or "*",), "group:system:masters")


@pytest.mark.parametrize(
    "objects",
    [
        [binding("cluster-admin", MASTERS, role="cluster-admin")],
        grant("get", "pods", to=user("system:masters")),
        grant("get", "pods", to=account("masters", "shop")),
        grant("get", "pods", to=group("system:masters:x")),
        grant("get", "pods", to=group("kubeadm:cluster-admins")),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """The API server's own pair, and other subjects."""
    assert found("RL2309", objects) == ()


def test_the_role_need_not_be_there():
    """What the binding says about the group is wrong either way."""
    assert found("RL2309", binding("dangling", MASTERS, role="nothing-there"))


def test_only_the_subject_goes():
    """Where the binding names others too, they keep it."""
    objects = [role("r", rule("get", "pods")), binding("r", user("ann"), MASTERS, role="r")]
    (one,) = found("RL2309", objects)
    assert [change.path for change in one.patch.edits] == ["/subjects/1"]

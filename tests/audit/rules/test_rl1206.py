"""RL1206: writing bindings without bind."""

import pytest
from audit_rules import found, given, grant, group, rule

RBAC = "rbac.authorization.k8s.io"


@pytest.mark.parametrize("verb", ["create", "update", "patch"])
@pytest.mark.parametrize(("what", "namespace"), [("rolebindings", ""), ("rolebindings", "shop"), ("clusterrolebindings", "")])
def test_every_writing_verb_counts(verb, what, namespace):
    """Own rights can be handed on: medium, and not the cluster."""
    (one,) = found("RL1206", grant(verb, what, RBAC, namespace=namespace))
    assert (one.severity.title, str(one.principal), one.scopes) == ("Medium", "user:mallory", (namespace or "*",))


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list watch delete deletecollection", "rolebindings clusterrolebindings", RBAC),
        grant("create", "rolebindings"),
        grant("create", "rolebindings/* clusterrolebindings/*", RBAC),
        grant("create", "roles clusterroles", RBAC),
        grant("create", "clusterrolebindings", RBAC, namespace="kube-system"),
        given(rule("bind", "clusterroles", RBAC), rule("create", "clusterrolebindings", RBAC)),
        given(rule("bind", "roles", RBAC), rule("create", "rolebindings", RBAC), namespace="shop"),
        grant("create", "rolebindings", RBAC, name="a") + grant("bind", "clusterroles", RBAC, to=group("system:authenticated"), name="b"),
        grant("*", "*", "*"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Other verbs, groups and resources; and with bind it is another rule's business."""
    assert found("RL1206", objects) == ()


def test_bind_on_bindings_is_no_bind():
    """bind is looked up on roles."""
    (one,) = found("RL1206", grant("bind create", "rolebindings clusterrolebindings", RBAC))
    assert one.severity.title == "Medium"


def test_bind_on_roles_serves_no_clusterrolebinding():
    """A ClusterRoleBinding grants a ClusterRole, which bind on roles says nothing about."""
    (one,) = found("RL1206", given(rule("bind", "roles", RBAC), rule("create", "clusterrolebindings", RBAC)))
    assert one.severity.title == "Medium"


@pytest.mark.parametrize(("namespace", "level"), [("", "Critical"), ("kube-system", "Critical"), ("shop", "Medium")])
def test_critical_where_the_own_rights_are(namespace, level):
    """What can be handed on amounts to cluster-admin everywhere and in a privileged namespace."""
    (one,) = found("RL1206", given(rule("create", "rolebindings", RBAC), rule("create", "serviceaccounts/token"), namespace=namespace))
    assert one.severity.title == level


def test_named_bindings_are_a_level_less():
    """Subjects can be added to these only; a create by name never matches."""
    (one,) = found("RL1206", grant("update", "rolebindings", RBAC, names="devs", namespace="shop"))
    assert one.severity.title == "Low"
    assert found("RL1206", grant("create", "rolebindings", RBAC, names="devs", namespace="shop")) == ()

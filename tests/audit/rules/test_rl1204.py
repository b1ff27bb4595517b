"""RL1204: binding roles inside namespaces."""

import pytest
from audit_rules import found, given, grant, rule, user

RBAC = "rbac.authorization.k8s.io"


def binder(change="create", what="clusterroles", names="", namespace="shop", bind="bind", bindings="rolebindings"):
    """Both halves in one role."""
    return given(rule(bind, what, RBAC, names), rule(change, bindings, RBAC), namespace=namespace)


@pytest.mark.parametrize("change", ["create", "update", "patch", "*"])
@pytest.mark.parametrize("what", ["roles", "clusterroles"])
@pytest.mark.parametrize("bind", ["bind", "*"])
def test_every_form_counts(change, what, bind):
    """Any write of a RoleBinding; bind on clusterroles is in force inside a namespace too."""
    (one,) = found("RL1204", binder(change, what, bind=bind))
    assert (one.severity.title, str(one.principal), one.scopes) == ("High", "user:mallory", ("shop",))


@pytest.mark.parametrize(("namespace", "scope"), [("", "*"), ("kube-system", "kube-system")])
def test_critical_scopes(namespace, scope):
    """In all namespaces and in a privileged one it is the cluster."""
    (one,) = found("RL1204", binder(namespace=namespace))
    assert (one.severity.title, one.scopes) == ("Critical", (scope,))


@pytest.mark.parametrize(
    "objects",
    [
        grant("create update patch", "rolebindings", RBAC),
        grant("bind", "clusterroles roles", RBAC),
        grant("bind create update patch", "rolebindings clusterrolebindings", RBAC),
        binder(change="get delete deletecollection"),
        binder(bindings="clusterrolebindings", namespace=""),
        binder(bindings="rolebindings/*"),
        binder(what="clusterroles/*"),
        binder(bind="escalate"),
        given(rule("bind", "clusterroles"), rule("create", "rolebindings", RBAC)),
        grant("bind", "roles", RBAC, name="a") + grant("create", "rolebindings", RBAC, to=user("other"), name="b"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """bind is looked up on the role and never on the binding; both halves must be one person's."""
    assert found("RL1204", objects) == ()


@pytest.mark.parametrize(("names", "level"), [("view", "Medium"), ("view admin", "High"), ("*", "Medium")])
def test_named_roles(names, level):
    """A level less, unless one of the great roles is among them; a star is only a name."""
    (one,) = found("RL1204", binder(names=names))
    assert one.severity.title == level


def test_halves_of_two_scopes():
    """bind held everywhere, bindings written in one namespace: in that namespace."""
    (one,) = found(
        "RL1204", grant("bind", "clusterroles", RBAC, name="a"), grant("create", "rolebindings", RBAC, namespace="shop", name="b")
    )
    assert one.scopes == ("shop",)

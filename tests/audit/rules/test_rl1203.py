"""RL1203: binding any cluster role in the whole cluster."""

import pytest
from audit_rules import binding, found, given, grant, role, rule, user

RBAC = "rbac.authorization.k8s.io"


def binder(change="create", names="", on="", bind="bind", what="clusterroles", namespace=""):
    """Both halves, bind limited to roles, the writing to bindings."""
    return given(rule(bind, what, RBAC, names), rule(change, "clusterrolebindings", RBAC, on), namespace=namespace)


def levels(*objects):
    """The levels of what is found."""
    return [one.severity.title for one in found("RL1203", *objects)]


@pytest.mark.parametrize("change", ["create", "update", "patch", "*"])
@pytest.mark.parametrize("bind", ["bind", "*"])
def test_every_writing_verb_counts(change, bind):
    """A binding can be made, or get more subjects."""
    (one,) = found("RL1203", binder(change, bind=bind))
    assert (one.severity.title, str(one.principal), one.scopes) == ("Critical", "user:mallory", ("*",))


@pytest.mark.parametrize(
    "objects",
    [
        grant("bind", "clusterroles", RBAC),
        grant("create update patch", "clusterrolebindings", RBAC),
        grant("bind create update patch", "clusterrolebindings rolebindings", RBAC),
        binder(change="get delete deletecollection escalate"),
        binder(bind="escalate"),
        binder(what="roles"),
        binder(what="clusterroles/*"),
        binder(namespace="kube-system"),
        given(rule("bind", "clusterroles", RBAC), rule("create", "rolebindings", RBAC)),
        given(rule("bind", "clusterroles"), rule("create", "clusterrolebindings")),
        grant("bind", "clusterroles", RBAC, name="a") + grant("create", "clusterrolebindings", RBAC, to=user("other"), name="b"),
        grant("bind", "clusterroles", RBAC, namespace="shop", name="a") + grant("create", "clusterrolebindings", RBAC, name="b"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """bind on the binding is inert, and both halves are needed in the whole cluster, in one person."""
    assert found("RL1203", objects) == ()


@pytest.mark.parametrize(
    ("names", "expected"),
    [("view", []), ("view cluster-admin", ["Critical"]), ("edit", ["Critical"]), ("nowhere", ["High"]), ("*", ["High"])],
)
def test_named_roles_by_what_they_give(names, expected):
    """A role is judged by its rules; one that is not in the input is a level less, and a star is only a name."""
    assert levels(binder(names=names)) == expected


def test_a_role_of_ones_own_by_what_it_gives():
    """The name tells nothing."""
    objects = binder(names="cluster-admin-lite")
    assert levels(role("cluster-admin-lite", rule("get", "pods")), objects) == []
    assert levels(role("cluster-admin-lite", rule("create", "cronjobs", "batch")), objects) == ["Critical"]


def test_existing_bindings():
    """A binding keeps its role: with the writing limited to it, that role is what can be handed out."""
    assert levels(binder("update", on="helpers"), binding("helpers", user("lena"), role="view")) == []
    assert levels(binder("update", on="helpers"), binding("helpers", user("lena"), role="edit")) == ["Critical"]
    assert levels(binder("update", on="helpers")) == ["High"]
    assert levels(binder("create", on="helpers")) == []


def test_unbound_role():
    """A role that nobody is bound to is judged in the same way."""
    assert levels(binder()[0]) == ["Medium"]
    assert levels(binder(names="cluster-admin")[0]) == ["Medium"]
    assert levels(binder(names="view")[0]) == []

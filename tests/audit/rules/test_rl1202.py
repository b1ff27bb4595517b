"""RL1202: escalating roles."""

import pytest
from audit_rules import found, given, grant, group, rule, user

RBAC = "rbac.authorization.k8s.io"
RESOURCE = "roles"


def writer(escalate="escalate", change="update", names="", on="", namespace=""):
    """Both halves, the first of them limited to names, the second to others."""
    return given(rule(escalate, RESOURCE, RBAC, names), rule(change, RESOURCE, RBAC, on), namespace=namespace)


@pytest.mark.parametrize("change", ["create", "update", "patch", "*"])
@pytest.mark.parametrize("escalate", ["escalate", "*"])
def test_every_writing_verb_counts(escalate, change):
    """A role can be made, replaced or changed."""
    (one,) = found("RL1202", writer(escalate, change))
    assert (one.severity.title, str(one.principal), one.scopes) == ("Critical", "user:mallory", ("*",))


@pytest.mark.parametrize(
    "objects",
    [
        grant("escalate", RESOURCE, RBAC),
        grant("create update patch", RESOURCE, RBAC),
        writer(change="get list delete deletecollection bind"),
        grant("escalate update", RESOURCE),
        grant("escalate update", f"{RESOURCE}/*", RBAC),
        grant("escalate update", "clusterroles rolebindings clusterrolebindings", RBAC),
        grant("escalate", RESOURCE, RBAC, name="a") + grant("update", RESOURCE, RBAC, to=user("other"), name="b"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """It takes both halves, on the roles themselves and in one person."""
    assert found("RL1202", objects) == ()


def test_two_bindings_come_together():
    """The union of what a principal holds counts, groups included."""
    halves = grant("escalate", RESOURCE, RBAC, name="a") + grant("patch", RESOURCE, RBAC, to=group("system:authenticated"), name="b")
    (one,) = found("RL1202", halves)
    assert len(one.evidence) == 2


def test_a_named_escalate_serves_no_create():
    """When a role is made its name is not yet part of the check."""
    assert found("RL1202", writer(change="create", names="mine")) == ()
    assert found("RL1202", writer(change="create", names="mine", on="mine")) == ()


@pytest.mark.parametrize(("names", "on", "levels"), [("a", "a", ["High"]), ("a b", "b c", ["High"]), ("a", "", ["High"]), ("a", "b", [])])
def test_names_must_meet(names, on, levels):
    """Both halves by name: about the same role, and then a level less."""
    assert [one.severity.title for one in found("RL1202", writer(names=names, on=on))] == levels


def test_unbound_role_by_name():
    """A role that nobody is bound to is judged in the same way."""
    assert [one.severity.title for one in found("RL1202", writer(names="a", on="a")[0])] == ["Medium"]
    assert found("RL1202", writer(names="a", on="b")[0]) == ()


@pytest.mark.parametrize(("namespace", "level"), [("shop", "High"), ("kube-system", "Critical")])
def test_severity_by_namespace(namespace, level):
    """An ordinary namespace and a privileged one."""
    (one,) = found("RL1202", writer(namespace=namespace))
    assert (one.severity.title, one.scopes) == (level, (namespace,))

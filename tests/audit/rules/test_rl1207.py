"""RL1207: writing roles without escalate."""

import pytest
from audit_rules import found, given, grant, rule

RBAC = "rbac.authorization.k8s.io"


@pytest.mark.parametrize(("namespace", "level"), [("", "Medium"), ("shop", "Medium")])
def test_severity_by_scope(namespace, level):
    """The level depends on where it is held."""
    (one,) = found("RL1207", grant("create", "roles", RBAC, namespace=namespace))
    assert (one.severity.title, one.scopes) == (level, (namespace or "*",))


@pytest.mark.parametrize("verb", ["create", "update", "patch"])
def test_every_verb_counts(verb):
    """Each verb of the catalogue, and the star."""
    assert found("RL1207", grant(verb, "clusterroles", RBAC))


def test_other_verbs_do_not():
    """What only reads, or is another rule"s."""
    assert found("RL1207", grant("get list watch delete bind", "clusterroles", RBAC)) == ()


@pytest.mark.parametrize("kind", ["roles", "clusterroles"])
def test_escalate_on_the_same_kind_is_another_rule(kind):
    """Somebody who has it is not held back at all (RL1201, RL1202); on the other kind of role it changes nothing."""
    other = {"roles": "clusterroles", "clusterroles": "roles"}[kind]
    assert found("RL1207", given(rule("create", kind, RBAC), rule("escalate", kind, RBAC))) == ()
    assert found("RL1207", given(rule("create", kind, RBAC), rule("escalate", other, RBAC)))


def test_cluster_roles_in_a_namespace():
    """A RoleBinding never gives the writing of ClusterRoles."""
    assert found("RL1207", grant("create update patch", "clusterroles", RBAC, namespace="shop")) == ()

"""RL1207: writing roles without escalate."""

import pytest
from audit_rules import found, given, grant, rule

RBAC = "rbac.authorization.k8s.io"


@pytest.mark.parametrize("kind", ["roles", "clusterroles"])
def test_escalate_on_the_same_kind_is_another_rule(kind):
    """Somebody who has it is not held back at all (RL1201, RL1202); on the other kind of role it changes nothing."""
    other = {"roles": "clusterroles", "clusterroles": "roles"}[kind]
    assert found("RL1207", given(rule("create", kind, RBAC), rule("escalate", kind, RBAC))) == ()
    assert found("RL1207", given(rule("create", kind, RBAC), rule("escalate", other, RBAC)))


def test_cluster_roles_in_a_namespace():
    """A RoleBinding never gives the writing of ClusterRoles."""
    assert found("RL1207", grant("create update patch", "clusterroles", RBAC, namespace="shop")) == ()

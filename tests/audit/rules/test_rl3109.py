"""RL3109: a RoleBinding of rules that only count in the whole cluster."""

import pytest
from audit_rules import RBAC, binding, found, role, rule, urls, user

PODS = rule("get", "pods")
LOCAL = binding("b", user("u"), role="r", namespace="shop")


@pytest.mark.parametrize(
    "inert",
    [
        rule("get", "nodes"),
        rule("get", "nodes/proxy"),
        rule("get", "pods nodes"),
        rule("impersonate", "users"),
        rule("list", "namespaces"),
        rule("get list", "namespaces"),
        rule("get", "namespaces", names="web"),
        rule("escalate", "clusterroles", RBAC),
        rule("get", "storageclasses", "storage.k8s.io"),
        urls("get", "/metrics"),
    ],
)
def test_inert_rules_are_a_note_beside_others(inert):
    """And a warning alone, if nothing of them counts."""
    (one,) = found("RL3109", role("r", PODS, inert), LOCAL)
    assert one.score == 0.0


@pytest.mark.parametrize(
    "alive",
    [
        PODS,
        rule("get update patch delete", "namespaces"),
        rule("*", "namespaces"),
        rule("update", "namespaces/finalize"),
        rule("get", "namespaces", names="shop"),
        rule("bind", "clusterroles", RBAC),
        rule("*", "clusterroles", RBAC),
        rule("use", "securitycontextconstraints", "security.openshift.io"),
        rule("get", "*"),
        rule("get", "nodes", "*"),
        rule("get", "nodes", "example.com"),
        rule("impersonate", "serviceaccounts"),
    ],
)
def test_rules_that_count_in_a_namespace_are_clean(alive):
    """Namespaced resources, the namespace's own object, bind on ClusterRoles (Appendix A, E), and what is not known."""
    assert found("RL3109", role("r", alive), LOCAL) == ()


def test_a_binding_that_gives_nothing_is_a_warning():
    """Also of a role of the API server, whose other roles are made for both kinds of binding."""
    (one,) = found("RL3109", role("r", rule("get", "nodes"), urls("get", "/metrics")), LOCAL)
    assert (one.score, "gives nothing" in one.message) == (3.0, True)
    (one,) = found("RL3109", binding("b", user("u"), role="system:auth-delegator", namespace="shop"))
    assert one.score == 3.0
    shipped = [binding(name, user("u"), role=name, namespace="shop") for name in ("admin", "edit", "view", "cluster-admin")]
    assert found("RL3109", shipped) == ()


def test_other_bindings_are_clean():
    """A ClusterRoleBinding gives it all, and a Role is another rule's business."""
    assert found("RL3109", role("r", rule("get", "nodes")), binding("b", user("u"), role="r")) == ()
    assert (
        found("RL3109", role("r", rule("get", "nodes"), namespace="shop"), LOCAL | {"roleRef": {**LOCAL["roleRef"], "kind": "Role"}}) == ()
    )

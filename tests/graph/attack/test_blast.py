"""What a compromise reaches."""

from attack_paths import finder
from audit_rules import account, grant, policy_of, user

from rbaclens.graph.attack.blast import blast_radius


def test_by_scope_and_severity():
    """Everything that is reached is listed once, the worst first, and counted by namespace."""
    objects = [
        *grant("create", "pods", namespace="ci", to=user("dev"), name="one"),
        *grant("create", "serviceaccounts/token", namespace="shop", to=account("deployer", "ci"), name="two"),
    ]
    blast = blast_radius(finder(policy_of(objects)), "user:dev")
    nodes = [one.node for one in blast.reached]
    assert {"sa:ci/deployer", "accounts:shop"} <= set(nodes)
    assert len(set(nodes)) == len(nodes)
    assert blast.by_scope["shop"]["medium"] >= 1
    assert sum(sum(levels.values()) for levels in blast.by_scope.values()) == len(nodes)


def test_cluster_admin_is_the_end():
    """Who becomes cluster-admin reaches everything; only that is said, not every account of the cluster."""
    blast = blast_radius(finder(policy_of(grant("*", "*", "*", to=user("dev")))), "user:dev")
    assert blast.reached[0].node == "sink:cluster-admin"
    assert blast.reached[0].severity == "critical"


def test_nothing():
    """Somebody without a dangerous grant reaches nothing."""
    assert blast_radius(finder(policy_of(grant("get", "pods", to=user("dev")))), "user:dev").reached == ()

"""RL1306: writing DaemonSets."""

from audit_rules import account, found, grant


def test_in_a_namespace_it_is_a_workload_like_others():
    """RL1304 tells it there; a privileged namespace is one that an account of admin's power makes such."""
    assert found("RL1306", grant("create", "daemonsets", "apps", namespace="shop")) == ()
    spread = grant("create", "daemonsets", "apps", namespace="kube-system", to=account("ci", "ci"), name="a")
    assert len(found("RL1306", spread, grant("create", "daemonsets", "apps", namespace="ci", name="b"))) == 2

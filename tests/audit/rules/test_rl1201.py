"""RL1201: escalating cluster roles."""

from audit_rules import found
from audit_shapes import EscalatesRoles


class TestClusterRoles(EscalatesRoles):
    ID = "RL1201"
    RESOURCE = "clusterroles"
    OTHERS = "roles rolebindings clusterrolebindings"

    def test_a_rolebinding_gives_nothing(self):
        """Cluster roles are changed at the cluster scope."""
        assert found(self.ID, self.writer(namespace="kube-system")) == ()

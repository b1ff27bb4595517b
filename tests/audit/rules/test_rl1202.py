"""RL1202: escalating roles."""

import pytest
from audit_rules import found
from audit_shapes import EscalatesRoles


class TestRoles(EscalatesRoles):
    ID = "RL1202"
    RESOURCE = "roles"
    OTHERS = "clusterroles rolebindings clusterrolebindings"

    @pytest.mark.parametrize(("namespace", "level"), [("shop", "High"), ("kube-system", "Critical")])
    def test_severity_by_namespace(self, namespace, level):
        """An ordinary namespace and a privileged one."""
        (one,) = found(self.ID, self.writer(namespace=namespace))
        assert (one.severity.title, one.scopes) == (level, (namespace,))

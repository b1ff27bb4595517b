"""RL2004: writing any configmap."""

from audit_rules import found, grant


def test_kube_system_is_told_by_what_stands_there():
    """RL2001 and RL2002 name the objects that matter."""
    assert found("RL2004", grant("update", "configmaps", namespace="kube-system")) == ()


def test_named_ones_are_meant():
    """A component that owns its ConfigMaps names them."""
    assert found("RL2004", grant("update", "configmaps", names="settings")) == ()

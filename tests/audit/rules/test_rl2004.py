"""RL2004: writing any configmap."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize(("namespace", "level"), [("", "Medium"), ("shop", "Low")])
def test_severity_by_scope(namespace, level):
    """The level depends on where it is held."""
    (one,) = found("RL2004", grant("update", "configmaps", namespace=namespace))
    assert (one.severity.title, one.scopes) == (level, (namespace or "*",))


@pytest.mark.parametrize("verb", ["create", "update", "patch", "delete", "deletecollection", "*"])
def test_every_verb_counts(verb):
    """Each verb of the catalogue, and the star."""
    assert found("RL2004", grant(verb, "configmaps"))


def test_other_verbs_do_not():
    """What only reads, or is another rule"s."""
    assert found("RL2004", grant("get list watch", "configmaps")) == ()


def test_kube_system_is_told_by_what_stands_there():
    """RL2001 and RL2002 name the objects that matter."""
    assert found("RL2004", grant("update", "configmaps", namespace="kube-system")) == ()


def test_named_ones_are_meant():
    """A component that owns its ConfigMaps names them."""
    assert found("RL2004", grant("update", "configmaps", names="settings")) == ()

"""RL1804: writing ingresses."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize(("namespace", "level"), [("", "Medium"), ("shop", "Medium")])
def test_severity_by_scope(namespace, level):
    """The level depends on where it is held."""
    (one,) = found("RL1804", grant("update", "ingresses", "networking.k8s.io", namespace=namespace))
    assert (one.severity.title, one.scopes) == (level, (namespace or "*",))


@pytest.mark.parametrize("verb", ["create", "update", "patch", "*"])
def test_every_verb_counts(verb):
    """Each verb of the catalogue, and the star."""
    assert found("RL1804", grant(verb, "ingresses", "networking.k8s.io"))


def test_other_verbs_do_not():
    """What only reads, or is another rule"s."""
    assert found("RL1804", grant("get list watch delete", "ingresses", "networking.k8s.io")) == ()


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1804", grant("patch", "ingresses", "networking.k8s.io", names="one"))
    assert one.severity.title == "Low"

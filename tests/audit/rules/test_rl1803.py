"""RL1803: writing endpoints."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize(("namespace", "level"), [("", "Medium"), ("shop", "Medium")])
def test_severity_by_scope(namespace, level):
    """The level depends on where it is held."""
    (one,) = found("RL1803", grant("update", "endpointslices", "discovery.k8s.io", namespace=namespace))
    assert (one.severity.title, one.scopes) == (level, (namespace or "*",))


@pytest.mark.parametrize("verb", ["create", "update", "patch", "*"])
def test_every_verb_counts(verb):
    """Each verb of the catalogue, and the star."""
    assert found("RL1803", grant(verb, "endpointslices", "discovery.k8s.io"))


def test_other_verbs_do_not():
    """What only reads, or is another rule"s."""
    assert found("RL1803", grant("get list watch delete", "endpointslices", "discovery.k8s.io")) == ()


def test_both_kinds_of_endpoints():
    """The old kind counts as well, in its own group only."""
    assert found("RL1803", grant("update", "endpoints"))
    assert found("RL1803", grant("update", "endpointslices")) == ()


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1803", grant("patch", "endpointslices", "discovery.k8s.io", names="one"))
    assert one.severity.title == "Low"

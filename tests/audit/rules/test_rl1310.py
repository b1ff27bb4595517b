"""RL1310: deleting or evicting pods."""

import pytest
from audit_rules import found, given, grant, rule


@pytest.mark.parametrize(("namespace", "level"), [("", "Medium"), ("shop", "Medium")])
def test_severity_by_scope(namespace, level):
    """The level depends on where it is held."""
    (one,) = found("RL1310", grant("delete", "pods", namespace=namespace))
    assert (one.severity.title, one.scopes) == (level, (namespace or "*",))


@pytest.mark.parametrize("verb", ["delete", "deletecollection", "*"])
def test_every_verb_counts(verb):
    """Each verb of the catalogue, and the star."""
    assert found("RL1310", grant(verb, "pods"))


def test_other_verbs_do_not():
    """What only reads, or is another rule"s."""
    assert found("RL1310", grant("get list watch create update patch", "pods")) == ()


@pytest.mark.parametrize("resource", ["pods/eviction", "*/eviction"])
def test_eviction_is_a_create(resource):
    """The subresource takes a create and no other verb."""
    assert found("RL1310", grant("create", resource))
    assert found("RL1310", grant("get update delete", resource)) == ()


@pytest.mark.parametrize("nodes", [rule("update", "nodes"), rule("patch", "nodes/status")])
def test_with_the_nodes_it_steals_pods(nodes):
    """Who also says which nodes take pods decides where the next one starts."""
    (one,) = found("RL1310", given(rule("create", "pods/eviction"), nodes))
    assert one.severity.title == "High"


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1310", grant("delete", "pods", names="one"))
    assert one.severity.title == "Low"

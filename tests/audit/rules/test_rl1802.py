"""RL1802: writing the status of services."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize(("namespace", "level"), [("", "Medium"), ("shop", "Medium")])
def test_severity_by_scope(namespace, level):
    """The level depends on where it is held."""
    (one,) = found("RL1802", grant("update", "services/status", namespace=namespace))
    assert (one.severity.title, one.scopes) == (level, (namespace or "*",))


@pytest.mark.parametrize("verb", ["update", "patch", "*"])
def test_every_verb_counts(verb):
    """Each verb of the catalogue, and the star."""
    assert found("RL1802", grant(verb, "services/status"))


def test_other_verbs_do_not():
    """What only reads, or is another rule"s."""
    assert found("RL1802", grant("get create delete", "services/status")) == ()


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1802", grant("patch", "services/status", names="one"))
    assert one.severity.title == "Low"

"""RL1703: deleting webhook configurations."""

import pytest
from audit_rules import found, grant

GROUP = "admissionregistration.k8s.io"


@pytest.mark.parametrize(("namespace", "level"), [("", "High")])
def test_severity_by_scope(namespace, level):
    """The level depends on where it is held."""
    (one,) = found("RL1703", grant("delete", "mutatingwebhookconfigurations", GROUP, namespace=namespace))
    assert (one.severity.title, one.scopes) == (level, (namespace or "*",))


@pytest.mark.parametrize("verb", ["delete", "deletecollection", "*"])
def test_every_verb_counts(verb):
    """Each verb of the catalogue, and the star."""
    assert found("RL1703", grant(verb, "validatingwebhookconfigurations", GROUP))


def test_other_verbs_do_not():
    """What only reads, or is another rule"s."""
    assert found("RL1703", grant("get list watch create update patch", "validatingwebhookconfigurations", GROUP)) == ()


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1703", grant("delete", "validatingwebhookconfigurations", GROUP, names="one"))
    assert one.severity.title == "Medium"

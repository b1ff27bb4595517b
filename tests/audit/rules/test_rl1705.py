"""RL1705: changing validating admission policies."""

import pytest
from audit_rules import found, grant

GROUP = "admissionregistration.k8s.io"


@pytest.mark.parametrize(("namespace", "level"), [("", "High")])
def test_severity_by_scope(namespace, level):
    """The level depends on where it is held."""
    (one,) = found("RL1705", grant("patch", "validatingadmissionpolicies", GROUP, namespace=namespace))
    assert (one.severity.title, one.scopes) == (level, (namespace or "*",))


@pytest.mark.parametrize("verb", ["create", "update", "patch", "delete", "deletecollection", "*"])
def test_every_verb_counts(verb):
    """Each verb of the catalogue, and the star."""
    assert found("RL1705", grant(verb, "validatingadmissionpolicybindings", GROUP))


def test_other_verbs_do_not():
    """What only reads, or is another rule"s."""
    assert found("RL1705", grant("get list watch", "validatingadmissionpolicybindings", GROUP)) == ()


def test_from_the_version_that_has_them():
    """Policies are on by default from 1.30."""
    assert found("RL1705", grant("patch", "validatingadmissionpolicies", GROUP), version=(1, 29)) == ()


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1705", grant("delete", "validatingadmissionpolicies", GROUP, names="one"))
    assert one.severity.title == "Medium"

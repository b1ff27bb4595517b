"""RL1401: exec into pods."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize("verb", ["create", "*"])
def test_every_verb_counts(verb):
    """Each verb of the trigger, and the star, is enough."""
    (one,) = found("RL1401", grant(verb, "pods/exec"))
    assert str(one.principal) == "user:mallory"


@pytest.mark.parametrize(
    "objects",
    [
        grant("get", "pods/exec"),
        grant("create", "pods pods/attach"),
        grant("create", "pods/*"),
        grant("create", "pods/exec", "apps"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1401", objects) == ()


@pytest.mark.parametrize(("namespace", "severity"), [("", "Critical"), ("shop", "High"), ("kube-system", "Critical")])
def test_severity_by_scope(namespace, severity):
    """The level depends on where it is held."""
    (one,) = found("RL1401", grant("create", "pods/exec", namespace=namespace))
    assert (one.severity.title, one.scopes) == (severity, (namespace or "*",))


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1401", grant("create", "pods/exec", names="one"))
    assert one.severity.title == "High"


def test_wildcards_of_the_subresource():
    """A star for the resource in front of the subresource is understood."""
    assert found("RL1401", grant("create", "*/exec"))

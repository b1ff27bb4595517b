"""RL1404: port-forward."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize("verb", ["create", "*"])
def test_every_verb_counts(verb):
    """Each verb of the trigger, and the star, is enough."""
    (one,) = found("RL1404", grant(verb, "pods/portforward"))
    assert str(one.principal) == "user:mallory"


@pytest.mark.parametrize(
    "objects",
    [
        grant("get", "pods/portforward"),
        grant("create", "pods pods/exec pods/*"),
        grant("create", "pods/portforward", "apps"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1404", objects) == ()


@pytest.mark.parametrize(("namespace", "severity"), [("", "Medium"), ("shop", "Medium"), ("kube-system", "Medium")])
def test_severity_by_scope(namespace, severity):
    """The level depends on where it is held."""
    (one,) = found("RL1404", grant("create", "pods/portforward", namespace=namespace))
    assert (one.severity.title, one.scopes) == (severity, (namespace or "*",))


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1404", grant("create", "pods/portforward", names="one"))
    assert one.severity.title == "Low"

"""RL1403: attaching to pods."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize("verb", ["create", "*"])
def test_every_verb_counts(verb):
    """Each verb of the trigger, and the star, is enough."""
    (one,) = found("RL1403", grant(verb, "pods/attach"))
    assert str(one.principal) == "user:mallory"


@pytest.mark.parametrize(
    "objects",
    [
        grant("get", "pods/attach"),
        grant("create", "pods pods/exec pods/*"),
        grant("create", "pods/attach", "apps"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1403", objects) == ()


@pytest.mark.parametrize(("namespace", "severity"), [("", "High"), ("shop", "High"), ("kube-system", "High")])
def test_severity_by_scope(namespace, severity):
    """The level depends on where it is held."""
    (one,) = found("RL1403", grant("create", "pods/attach", namespace=namespace))
    assert (one.severity.title, one.scopes) == (severity, (namespace or "*",))


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1403", grant("create", "pods/attach", names="one"))
    assert one.severity.title == "Medium"

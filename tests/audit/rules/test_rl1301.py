"""RL1301: creating pods in every namespace."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize("verb", ["create", "*"])
def test_every_verb_counts(verb):
    """Each verb of the trigger, and the star, is enough."""
    (one,) = found("RL1301", grant(verb, "pods"))
    assert str(one.principal) == "user:mallory"


@pytest.mark.parametrize(
    "objects",
    [
        grant("get update patch", "pods"),
        grant("create", "pods", "example.com"),
        grant("create", "pods/exec pods/*"),
        grant("create", "pods", names="one"),
        grant("create", "pods", namespace="shop"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1301", objects) == ()


@pytest.mark.parametrize(("namespace", "severity"), [("", "Critical")])
def test_severity_by_scope(namespace, severity):
    """The level depends on where it is held."""
    (one,) = found("RL1301", grant("create", "pods", namespace=namespace))
    assert (one.severity.title, one.scopes) == (severity, (namespace or "*",))

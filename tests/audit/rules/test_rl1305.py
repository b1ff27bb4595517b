"""RL1305: changing running pods."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize("verb", ["update", "patch", "*"])
def test_every_verb_counts(verb):
    """Each verb of the trigger, and the star, is enough."""
    (one,) = found("RL1305", grant(verb, "pods"))
    assert str(one.principal) == "user:mallory"


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list create delete", "pods"),
        grant("patch", "pods", "metrics.k8s.io"),
        grant("patch", "pods/status pods/resize pods/*"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1305", objects) == ()


@pytest.mark.parametrize(("namespace", "severity"), [("", "High"), ("shop", "Medium")])
def test_severity_by_scope(namespace, severity):
    """The level depends on where it is held."""
    (one,) = found("RL1305", grant("update", "pods", namespace=namespace))
    assert (one.severity.title, one.scopes) == (severity, (namespace or "*",))


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1305", grant("patch", "pods", names="one"))
    assert one.severity.title == "Medium"

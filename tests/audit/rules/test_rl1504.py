"""RL1504: modifying nodes."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize("verb", ["update", "patch", "*"])
def test_every_verb_counts(verb):
    """Each verb of the trigger, and the star, is enough."""
    (one,) = found("RL1504", grant(verb, "nodes"))
    assert str(one.principal) == "user:mallory"


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list watch create delete", "nodes"),
        grant("patch", "nodes/status nodes/*"),
        grant("patch", "nodes", "metrics.k8s.io"),
        grant("update patch", "nodes", namespace="shop"),
        grant("update patch", "nodes", namespace="kube-system"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1504", objects) == ()


@pytest.mark.parametrize(("namespace", "severity"), [("", "High")])
def test_severity_by_scope(namespace, severity):
    """The level depends on where it is held."""
    (one,) = found("RL1504", grant("update", "nodes", namespace=namespace))
    assert (one.severity.title, one.scopes) == (severity, (namespace or "*",))


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1504", grant("patch", "nodes", names="one"))
    assert one.severity.title == "Medium"

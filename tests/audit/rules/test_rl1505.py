"""RL1505: writing the status of nodes."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize("verb", ["update", "patch", "*"])
def test_every_verb_counts(verb):
    """Each verb of the trigger, and the star, is enough."""
    (one,) = found("RL1505", grant(verb, "nodes/status"))
    assert str(one.principal) == "user:mallory"


@pytest.mark.parametrize(
    "objects",
    [
        grant("get create delete", "nodes/status"),
        grant("patch", "nodes nodes/*"),
        grant("patch", "nodes/status", "metrics.k8s.io"),
        grant("update patch", "nodes/status", namespace="shop"),
        grant("update patch", "nodes/status", namespace="kube-system"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1505", objects) == ()


@pytest.mark.parametrize(("namespace", "severity"), [("", "High")])
def test_severity_by_scope(namespace, severity):
    """The level depends on where it is held."""
    (one,) = found("RL1505", grant("update", "nodes/status", namespace=namespace))
    assert (one.severity.title, one.scopes) == (severity, (namespace or "*",))


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1505", grant("patch", "nodes/status", names="one"))
    assert one.severity.title == "Medium"


@pytest.mark.parametrize("verb", ["get", "create", "delete"])
def test_with_the_kubelet_api_it_is_critical(verb):
    """The address of a node and requests to it make one attack, also when they come from two bindings."""
    (one,) = found("RL1505", grant("update", "nodes/status", name="a"), grant(verb, "nodes/proxy", name="b"))
    assert one.severity.title == "Critical"

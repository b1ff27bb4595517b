"""RL1501: the kubelet's API by GET."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize("verb", ["get", "*"])
def test_every_verb_counts(verb):
    """Each verb of the trigger, and the star, is enough."""
    (one,) = found("RL1501", grant(verb, "nodes/proxy"))
    assert str(one.principal) == "user:mallory"


@pytest.mark.parametrize(
    "objects",
    [
        grant("list watch create update patch delete", "nodes/proxy"),
        grant("get", "nodes nodes/metrics nodes/*"),
        grant("get", "nodes/proxy", "metrics.k8s.io"),
        grant("get", "nodes/proxy", namespace="shop"),
        grant("get", "nodes/proxy", namespace="kube-system"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1501", objects) == ()


@pytest.mark.parametrize(("namespace", "severity"), [("", "Critical")])
def test_severity_by_scope(namespace, severity):
    """The level depends on where it is held."""
    (one,) = found("RL1501", grant("get", "nodes/proxy", namespace=namespace))
    assert (one.severity.title, one.scopes) == (severity, (namespace or "*",))


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1501", grant("get", "nodes/proxy", names="one"))
    assert one.severity.title == "High"


def test_wildcards_count():
    """A star for the resource, alone or in front of the subresource, covers it."""
    assert found("RL1501", grant("get", "*"))
    assert found("RL1501", grant("get", "*/proxy"))

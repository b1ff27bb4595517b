"""RL1502: the kubelet's API by writing verbs."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize("verb", ["create", "update", "patch", "delete", "*"])
def test_every_verb_counts(verb):
    """Each verb of the trigger, and the star, is enough."""
    (one,) = found("RL1502", grant(verb, "nodes/proxy"))
    assert str(one.principal) == "user:mallory"


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list watch deletecollection", "nodes/proxy"),
        grant("create", "nodes nodes/log nodes/*"),
        grant("create", "nodes/proxy", "metrics.k8s.io"),
        grant("create update patch delete", "nodes/proxy", namespace="shop"),
        grant("create update patch delete", "nodes/proxy", namespace="kube-system"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1502", objects) == ()


@pytest.mark.parametrize(("namespace", "severity"), [("", "Critical")])
def test_severity_by_scope(namespace, severity):
    """The level depends on where it is held."""
    (one,) = found("RL1502", grant("create", "nodes/proxy", namespace=namespace))
    assert (one.severity.title, one.scopes) == (severity, (namespace or "*",))


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1502", grant("create", "nodes/proxy", names="one"))
    assert one.severity.title == "High"


def test_wildcards_count():
    """A star for the resource, alone or in front of the subresource, covers it."""
    assert found("RL1502", grant("create", "*"))
    assert found("RL1502", grant("patch", "*/proxy"))

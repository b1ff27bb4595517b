"""RL1901: creating persistent volumes."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize("verb", ["create", "update", "patch", "*"])
def test_every_verb_counts(verb):
    """Each verb of the trigger, and the star, is enough."""
    (one,) = found("RL1901", grant(verb, "persistentvolumes"))
    assert str(one.principal) == "user:mallory"


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list watch delete", "persistentvolumes"),
        grant("create", "persistentvolumeclaims persistentvolumes/status"),
        grant("create", "persistentvolumes", "storage.k8s.io"),
        grant("create", "persistentvolumes", names="one"),
        grant("create update patch", "persistentvolumes", namespace="shop"),
        grant("create update patch", "persistentvolumes", namespace="kube-system"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1901", objects) == ()


@pytest.mark.parametrize(("namespace", "severity"), [("", "High")])
def test_severity_by_scope(namespace, severity):
    """The level depends on where it is held."""
    (one,) = found("RL1901", grant("create", "persistentvolumes", namespace=namespace))
    assert (one.severity.title, one.scopes) == (severity, (namespace or "*",))


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1901", grant("patch", "persistentvolumes", names="one"))
    assert one.severity.title == "Medium"

"""RL1303: creating pods in a namespace."""

import pytest
from audit_rules import account, found, grant, plain

ENFORCE = "pod-security.kubernetes.io/enforce"


@pytest.mark.parametrize("verb", ["create", "*"])
def test_create_counts(verb):
    """Create, or every verb, is enough."""
    (one,) = found("RL1303", grant(verb, "pods", namespace="shop"))
    assert (one.severity.title, one.scopes, str(one.principal)) == ("Medium", ("shop",), "user:mallory")


@pytest.mark.parametrize(
    "objects",
    [
        grant("get update patch", "pods", namespace="shop"),
        grant("create", "pods", "example.com", namespace="shop"),
        grant("create", "pods/exec pods/*", namespace="shop"),
        grant("create", "pods", names="one", namespace="shop"),
        grant("create", "pods"),
        grant("create", "pods", namespace="kube-system"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Other verbs and groups are no creation of pods; everywhere is RL1301's, a privileged namespace RL1302's."""
    assert found("RL1303", objects) == ()


@pytest.mark.parametrize(
    ("labels", "severity"),
    [({}, "High"), ({ENFORCE: "privileged"}, "High"), ({ENFORCE: "baseline"}, "Medium"), ({ENFORCE: "restricted"}, "Low")],
)
def test_pod_security_decides_whether_the_node_is_reached(labels, severity):
    """A namespace that enforces nothing allows privileged pods; the restricted standard takes a level off."""
    (one,) = found("RL1303", plain("Namespace", "shop", labels=labels), grant("create", "pods", namespace="shop"))
    assert one.severity.title == severity


def test_a_namespace_with_a_powerful_account_is_left_to_another_rule():
    """RL1302 speaks of it."""
    runner = grant("create", "pods", to=account("runner", "ci"), name="runner")
    assert found("RL1303", runner, grant("create", "pods", namespace="ci")) == ()

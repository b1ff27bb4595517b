"""RL1708: changing namespaces."""

import pytest
from audit_rules import found, given, grant, rule


@pytest.mark.parametrize("verb", ["update", "patch", "*"])
@pytest.mark.parametrize("namespace", ["", "shop", "kube-system"])
def test_every_changing_verb_counts_in_every_scope(verb, namespace):
    """Labels can be replaced or patched; a Role gives it for its own namespace."""
    (one,) = found("RL1708", grant(verb, "namespaces", namespace=namespace))
    assert (one.severity.title, one.scopes) == ("High", (namespace or "*",))


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list watch create delete deletecollection", "namespaces"),
        grant("Patch", "namespaces"),
        grant("patch", "namespaces", "example.com"),
        grant("patch", "namespaces", "core"),
        grant("patch", "namespaces/status namespaces/finalize namespaces/*"),
        grant("patch", "namespaces", names="*", namespace="shop"),
        grant("patch", "namespaces", names="other", namespace="shop"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group or subresource; in a namespace the only name that is ever asked for is its own."""
    assert found("RL1708", objects) == ()


def test_names():
    """Its own name limits a Role to what it gives anyway; certain namespaces of a ClusterRole are a level less than all."""
    (own,) = found("RL1708", grant("patch", "namespaces", names="shop", namespace="shop"))
    (some,) = found("RL1708", grant("patch", "namespaces", names="shop"))
    assert (own.severity.title, some.severity.title) == ("High", "Medium")


@pytest.mark.parametrize(
    ("more", "level"),
    [
        (rule("create", "pods"), "Critical"),
        (rule("patch", "deployments", "apps"), "Critical"),
        (rule("create", "cronjobs", "batch"), "Critical"),
        (rule("create", "cronjobs", "apps"), "High"),
        (rule("get", "pods"), "High"),
    ],
)
def test_worse_with_pods(more, level):
    """Who may turn pod security off and make pods may make privileged ones."""
    for namespace in ("", "shop"):
        (one,) = found("RL1708", given(rule("patch", "namespaces"), more, namespace=namespace))
        assert one.severity.title == level

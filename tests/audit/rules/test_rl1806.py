"""RL1806: changing network policies."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize(("namespace", "level"), [("", "Medium"), ("shop", "Medium")])
def test_severity_by_scope(namespace, level):
    """The level depends on where it is held."""
    (one,) = found("RL1806", grant("update", "networkpolicies", "networking.k8s.io", namespace=namespace))
    assert (one.severity.title, one.scopes) == (level, (namespace or "*",))


@pytest.mark.parametrize("verb", ["create", "update", "patch", "delete", "deletecollection", "*"])
def test_every_verb_counts(verb):
    """Each verb of the catalogue, and the star."""
    assert found("RL1806", grant(verb, "networkpolicies", "networking.k8s.io"))


def test_other_verbs_do_not():
    """What only reads, or is another rule"s."""
    assert found("RL1806", grant("get list watch", "networkpolicies", "networking.k8s.io")) == ()


@pytest.mark.parametrize(
    ("resource", "group"),
    [
        ("adminnetworkpolicies", "policy.networking.k8s.io"),
        ("ciliumnetworkpolicies", "cilium.io"),
        ("ciliumclusterwidenetworkpolicies", "cilium.io"),
        ("globalnetworkpolicies", "crd.projectcalico.org"),
        ("networkpolicies", "projectcalico.org"),
    ],
)
def test_policies_of_network_plugins(resource, group):
    """The policies of widespread plug-ins count too."""
    assert found("RL1806", grant("delete", resource, group))


def test_named_objects_are_a_level_less():
    """A grant that is limited to names is one level lower."""
    (one,) = found("RL1806", grant("patch", "networkpolicies", "networking.k8s.io", names="one"))
    assert one.severity.title == "Low"

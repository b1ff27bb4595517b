"""RL2002: writing the configuration of the cluster's DNS."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize(("namespace", "names"), [("", ""), ("kube-system", ""), ("kube-system", "coredns"), ("kube-system", "kube-dns x")])
def test_where_it_is(namespace, names):
    """Any ConfigMap of kube-system, or that one by its name."""
    (one,) = found("RL2002", grant("patch", "configmaps", names=names, namespace=namespace))
    assert (one.severity.title, one.scopes) == ("High", (namespace or "*",))


@pytest.mark.parametrize(
    "objects",
    [
        grant("update", "configmaps", namespace="shop"),
        grant("update", "configmaps", names="coredns", namespace="shop"),
        grant("update", "configmaps", names="kube-proxy", namespace="kube-system"),
        grant("get list create delete", "configmaps", namespace="kube-system"),
    ],
)
def test_another_place_name_or_verb_is_clean(objects):
    """The name alone says nothing; the object is there already, so that a create gives nothing."""
    assert found("RL2002", objects) == ()

"""RL1306: writing DaemonSets."""

import pytest
from audit_rules import account, found, grant


@pytest.mark.parametrize(("namespace", "level"), [("", "Critical"), ("kube-system", "Critical")])
def test_severity_by_scope(namespace, level):
    """The level depends on where it is held."""
    (one,) = found("RL1306", grant("create", "daemonsets", "apps", namespace=namespace))
    assert (one.severity.title, one.scopes) == (level, (namespace or "*",))


@pytest.mark.parametrize("verb", ["create", "update", "patch", "*"])
def test_every_verb_counts(verb):
    """Each verb of the catalogue, and the star."""
    assert found("RL1306", grant(verb, "daemonsets", "apps"))


def test_other_verbs_do_not():
    """What only reads, or is another rule"s."""
    assert found("RL1306", grant("get list watch delete", "daemonsets", "apps")) == ()


def test_in_a_namespace_it_is_a_workload_like_others():
    """RL1304 tells it there; a privileged namespace is one that an account of admin's power makes such."""
    assert found("RL1306", grant("create", "daemonsets", "apps", namespace="shop")) == ()
    spread = grant("create", "daemonsets", "apps", namespace="kube-system", to=account("ci", "ci"), name="a")
    assert len(found("RL1306", spread, grant("create", "daemonsets", "apps", namespace="ci", name="b"))) == 2

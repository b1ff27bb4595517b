"""RL1112: reading secrets through write verbs."""

import pytest
from audit_rules import found, given, grant, group, rule


@pytest.mark.parametrize("verb", ["patch", "delete", "deletecollection"])
@pytest.mark.parametrize(("namespace", "level"), [("", "Critical"), ("shop", "High"), ("kube-system", "Critical")])
def test_every_verb_in_every_scope(verb, namespace, level):
    """Each of the three hands the content out, by itself."""
    (one,) = found("RL1112", grant(verb, "secrets", namespace=namespace))
    assert (one.severity.title, one.scopes) == (level, (namespace or "*",))


@pytest.mark.parametrize(
    "objects",
    [
        grant("create", "secrets"),
        grant("update", "secrets"),
        grant("patch", "secrets", "example.com"),
        grant("patch", "secrets/status"),
        grant("patch", "secrets/*"),
        grant("deletecollection", "secrets", names="one"),
        given(rule("get patch", "secrets", names="one"), rule("deletecollection", "secrets", names="two")),
        grant("get", "secrets"),
        grant("get patch", "secrets"),
        grant("*", "secrets"),
        given(rule("delete", "secrets"), rule("list", "secrets")),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Verbs that answer with nothing new, another group or subresource, and whoever may read all secrets anyway (RL1101)."""
    assert found("RL1112", objects) == ()


def test_named_secrets_are_a_level_less():
    """A patch or a delete that is limited to a name reads that secret."""
    (one,) = found("RL1112", grant("patch delete", "secrets", names="tls", namespace="shop"))
    assert (one.severity.title, "tls" in one.message) == ("Medium", True)


def test_a_named_secret_that_may_be_read_is_nothing_new():
    """The usual controller that keeps its own secret is clean; one name more that it may only patch is found."""
    own = rule("get update patch delete", "secrets", names="mine")
    assert found("RL1112", given(own, namespace="shop")) == ()
    assert found("RL1112", given(own, rule("patch", "secrets", names="other"), namespace="shop"))
    assert found("RL1112", given(own, namespace="shop")[0]) == ()


def test_reading_in_one_namespace_does_not_excuse_the_others():
    """The right to read counts where it holds."""
    (one,) = found("RL1112", grant("delete", "secrets", name="a"), grant("get", "secrets", namespace="shop", name="b"))
    assert one.scopes == ("*",)


def test_what_a_group_may_read_counts():
    """Reading by a group makes the writing by oneself nothing new."""
    reader = grant("list", "secrets", namespace="shop", name="b", to=group("system:authenticated"))
    assert found("RL1112", grant("patch", "secrets", namespace="shop", name="a"), reader) == ()


def test_unbound_role_is_latent():
    """A role that nobody is bound to is two levels lower."""
    (one,) = found("RL1112", grant("deletecollection", "secrets")[0])
    assert (one.latent, one.severity.title) == (True, "Medium")

"""RL1101: reading all secrets."""

import pytest
from audit_rules import found, given, grant, group, rule


@pytest.mark.parametrize("verb", ["get", "list", "watch", "*"])
def test_every_reading_verb_counts(verb):
    """Each of get, list and watch hands the content out."""
    (one,) = found("RL1101", grant(verb, "secrets"))
    assert (one.severity.title, str(one.principal), one.scopes) == ("Critical", "user:mallory", ("*",))


@pytest.mark.parametrize(
    "objects",
    [
        grant("create", "secrets"),
        grant("get", "secrets", "example.com"),
        grant("get", "secrets/status"),
        grant("get", "secrets", names="one"),
        grant("get", "secrets", namespace="shop"),
        grant("Get", "secrets"),
        grant("get", "secrets/*"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, subresource, name or scope is not this rule's business."""
    assert found("RL1101", objects) == ()


def test_everybody_is_a_level_worse_but_not_more_than_critical():
    """The score is capped at critical."""
    (one,) = found("RL1101", grant("get", "secrets", to=group("system:authenticated")))
    assert one.score == 9.3


def test_unbound_role_is_latent():
    """A role that nobody is bound to is two levels lower."""
    (one,) = found("RL1101", given(rule("get", "secrets"))[0])
    assert (one.latent, one.severity.title, one.principal) == (True, "Medium", None)

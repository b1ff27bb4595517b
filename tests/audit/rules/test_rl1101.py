"""RL1101: reading all secrets."""

from audit_rules import found, given, grant, group, rule


def test_everybody_is_a_level_worse_but_not_more_than_critical():
    """The score is capped at critical."""
    (one,) = found("RL1101", grant("get", "secrets", to=group("system:authenticated")))
    assert one.score == 9.3


def test_unbound_role_is_latent():
    """A role that nobody is bound to is two levels lower."""
    (one,) = found("RL1101", given(rule("get", "secrets"))[0])
    assert (one.latent, one.severity.title, one.principal) == (True, "Medium", None)

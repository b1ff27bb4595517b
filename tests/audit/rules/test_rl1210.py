"""RL1210: impersonating groups."""

from audit_rules import found, grant, group, user


def test_groups_alone_are_not_enough():
    """A request with a group header and without a user header is rejected."""
    assert found("RL1210", grant("impersonate", "groups")) == ()


def test_two_bindings_and_a_group_come_together():
    """The trigger is asked of everything that a principal holds; the evidence names both halves."""
    (one,) = found(
        "RL1210",
        grant("impersonate", "groups", name="a"),
        grant("impersonate", "users", to=group("system:authenticated"), name="b"),
    )
    assert str(one.principal) == "user:mallory"
    assert {grant.binding.name for grant in one.evidence} == {"a", "b"}


def test_two_principals_do_not_come_together():
    """What two users hold is never added up."""
    assert found("RL1210", grant("impersonate", "groups", name="a"), grant("impersonate", "users", to=user("other"), name="b")) == ()


def test_namespaced_impersonation_of_groups_is_inert():
    """Users and groups are checked at the cluster scope, where a RoleBinding gives nothing."""
    assert found("RL1210", grant("impersonate", "groups users", namespace="shop")) == ()


def test_harmless_names_are_a_level_less():
    """Limited to names: one level less, unless a privileged group is among them."""
    (harmless,) = found("RL1210", grant("impersonate", "groups users", names="devs"))
    (masters,) = found("RL1210", grant("impersonate", "groups users", names="devs system:masters"))
    assert (harmless.severity.title, masters.severity.title) == ("High", "Critical")

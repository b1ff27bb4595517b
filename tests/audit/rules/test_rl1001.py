"""RL1001: everything, everywhere."""

import pytest
from audit_rules import account, binding, found, given, grant, rule


def test_all_stars_in_one_rule():
    """Verbs, groups and resources are all of them stars, in one rule bound cluster-wide."""
    (one,) = found("RL1001", grant("*", "*", "*"))
    assert (one.severity.title, one.scopes) == ("Critical", ("*",))


@pytest.mark.parametrize(
    "objects",
    [
        grant("*", "*", ""),
        grant("*", "*", "apps"),
        grant("*", "*/*", "*"),
        grant("get list watch create update patch delete", "*", "*"),
        grant("*", "*", "*", names="one"),
        grant("*", "*", "*", namespace="shop"),
        given(rule("*", "*", ""), rule("*", "pods", "*")),
    ],
)
def test_one_star_less_is_clean(objects):
    """One group, listed verbs, a name, a namespace, or stars that stand in different rules are something else."""
    assert found("RL1001", objects) == ()


def test_binding_of_cluster_admin_counts_but_for_the_default_one():
    """The role is judged by what it says, and the binding that every cluster has is nobody's fault."""
    (one,) = found("RL1001", binding("mine", account("agent", "tools"), role="cluster-admin"))
    assert str(one.principal) == "sa:tools/agent"
    assert found("RL1001") == ()

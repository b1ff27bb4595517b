"""RL3220: list and watch limited to names."""

import pytest
from audit_rules import found, given, rule


@pytest.mark.parametrize("verbs", ["list", "watch", "get list watch"])
def test_collections_by_name(verbs):
    """They work with a field selector on the name, which is why the message says that the data can be read."""
    (one,) = found("RL3220", given(rule(verbs, "secrets", names="a")))
    assert one.score == 0 and "a can be read" in one.message


@pytest.mark.parametrize("one", [rule("list", "secrets"), rule("get", "secrets", names="a"), rule("*", "secrets", names="a")])
def test_other_rules_are_clean(one):
    """Without names, or without list and watch."""
    assert found("RL3220", given(one)) == ()

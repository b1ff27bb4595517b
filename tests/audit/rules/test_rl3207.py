"""RL3207: object names on requests that have none."""

import pytest
from audit_rules import found, given, rule


@pytest.mark.parametrize("verbs", ["create", "deletecollection", "create deletecollection"])
def test_requests_without_a_name(verbs):
    """Neither request has a name when it is authorized."""
    assert len(found("RL3207", given(rule(verbs, "configmaps", names="a")))) == 1


@pytest.mark.parametrize(
    "one",
    [
        rule("create", "configmaps"),
        rule("create", "pods/exec", names="a"),
        rule("create", "serviceaccounts/token", names="a"),
        rule("create", "*", names="a"),
        rule("list", "secrets", names="a"),
        rule("create get", "configmaps", names="a"),
    ],
)
def test_requests_with_a_name(one):
    """Creates on subresources, and lists with a field selector, carry a name."""
    assert found("RL3207", given(one)) == ()

"""RL3601: AlwaysAllow among the authorizers."""

import pytest
from audit_rules import chain, found


@pytest.mark.parametrize("types", [("AlwaysAllow",), ("Node", "RBAC", "AlwaysAllow"), ("AlwaysAllow", "RBAC")])
def test_anywhere_in_the_chain(types):
    """One authorizer that allows is enough, wherever it stands."""
    (one,) = found("RL3601", config=chain(*types))
    assert (one.severity.title, "every request is allowed" in one.message) == ("Critical", True)


def test_behind_a_webhook():
    """What a webhook before it denies stays denied."""
    (one,) = found("RL3601", config=chain("RBAC", "Webhook", "AlwaysAllow"))
    assert "every request that none of RBAC, Webhook denies is allowed" in one.message


@pytest.mark.parametrize("types", [("Node", "RBAC"), ("AlwaysDeny",), ("Webhook", "RBAC")])
def test_others_are_clean(types):
    """AlwaysDeny is another one."""
    assert found("RL3601", config=chain(*types)) == ()


def test_without_configuration():
    """Nothing is said of what is not known, though the API server's own default is AlwaysAllow (WH-32)."""
    assert found("RL3601") == ()

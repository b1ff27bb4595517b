"""RL3604: ABAC and RBAC together."""

import pytest
from audit_rules import found, grant

from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry


def _found(*types):
    return found("RL3604", abac="", config=AuthorizerConfig(tuple(AuthorizerEntry(one, one.lower()) for one in types)))


@pytest.mark.parametrize(
    ("types", "text"), [(("Node", "ABAC", "RBAC"), "ABAC is asked before RBAC"), (("RBAC", "ABAC"), "RBAC is asked before ABAC")]
)
def test_the_order_is_told(types, text):
    """Both in the chain: a note that tells the order."""
    (one,) = _found(*types)
    assert (one.severity.title, text in one.message) == ("Info", True)


@pytest.mark.parametrize("types", [("Node", "RBAC"), ("ABAC",), ("AlwaysAllow",)])
def test_one_of_them_alone(types):
    """Nothing to tell of one alone, even where a file lies about."""
    assert _found(*types) == ()


def test_a_file_without_configuration():
    """Without configuration a policy file is taken to be in use."""
    assert len(found("RL3604", abac="")) == 1
    assert found("RL3604", grant("get", "pods")) == ()

"""RL3602: RBAC or Node missing among the authorizers."""

import pytest
from audit_rules import chain, found


@pytest.mark.parametrize(
    ("types", "levels"),
    [
        (("Node",), ["High"]),
        (("RBAC",), ["Low"]),
        (("ABAC",), ["High", "Low"]),
        (("AlwaysAllow",), ["High", "Low"]),
        (("Webhook", "RBAC"), ["Low"]),
    ],
)
def test_what_is_missing(types, levels):
    """RBAC is an error, Node a warning, and both are told."""
    findings = found("RL3602", abac="", config=chain(*types))
    assert [one.severity.title for one in findings] == levels
    assert len({one.fingerprint for one in findings}) == len(levels)


@pytest.mark.parametrize("types", [("Node", "RBAC"), ("RBAC", "Webhook", "Node")])
def test_both_are_there(types):
    """In any order, with others beside them."""
    assert found("RL3602", config=chain(*types)) == ()


def test_without_configuration():
    """The usual chain is taken, which has both."""
    assert found("RL3602") == ()

"""RL3219: wildcards in object names."""

import pytest
from audit_rules import found, given, rule


@pytest.mark.parametrize("name", ["*", "web-*", "web-.*", "^web$", "(a|b)", "web-[0-9]"])
def test_patterns(name):
    """Names are compared as they stand (RBAC-15)."""
    (one,) = found("RL3219", given(rule("get", "configmaps", names=name)))
    assert f'"{name}"' in one.message


@pytest.mark.parametrize(
    "one",
    [
        rule("get", "configmaps", names="web-a system:web web.example.com"),
        rule("approve", "signers", "certificates.k8s.io", "example.com/*"),
        rule("impersonate", "users", names="ann+test@example.com"),
        rule("impersonate:user-info", "groups", "authentication.k8s.io", "*"),
        rule("get", "configmaps"),
    ],
)
def test_names(one):
    """Plain names, signers by domain, users of any form, and the literal star of constrained impersonation (ESC-47f)."""
    assert found("RL3219", given(one)) == ()


def test_groups_have_no_wildcards_either():
    """A prefix of groups cannot be granted."""
    assert found("RL3219", given(rule("impersonate", "groups", names="dev-*")))

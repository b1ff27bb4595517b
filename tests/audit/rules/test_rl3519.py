"""RL3519: ABAC in use."""

import pytest
from audit_rules import found, grant

from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry

LINE = '{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user": "bob"}}'


@pytest.mark.parametrize(("text", "count"), [("", "0 lines"), (LINE, "1 line"), (f"{LINE}\n{LINE}", "2 lines")])
def test_a_file_is_enough(text, count):
    """A policy file is reported once, even an empty one (ABAC-04)."""
    (one,) = found("RL3519", abac=text)
    assert f"({count})" in one.message


def test_the_finding_stays_the_same():
    """It is about the file and not about what stands in it."""
    assert found("RL3519", abac="")[0].fingerprint == found("RL3519", abac=LINE)[0].fingerprint


def test_the_authorizer_without_the_file():
    """The configuration alone tells it too."""
    config = AuthorizerConfig((AuthorizerEntry("ABAC", "abac"), AuthorizerEntry("RBAC", "rbac")))
    assert len(found("RL3519", grant("get", "pods"), config=config)) == 1


def test_rbac_alone_is_clean():
    """Without file and authorizer there is nothing to say."""
    assert found("RL3519", grant("get", "pods")) == ()

"""RL3211: subresources that do not exist."""

import pytest
from audit_rules import found, given, rule


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("pods/logs", ""),
        ("pods/execs", ""),
        ("nodes/exec", ""),
        ("deployments/pods", "apps"),
        ("serviceaccounts/tokens", ""),
        ("pods/logs", "*"),
        ("secrets/status", ""),
    ],
)
def test_unknown_subresources(name, group):
    """Neither discovery nor an authorization check knows them."""
    (one,) = found("RL3211", given(rule("get", name, group)))
    assert f'"{name.partition("/")[2]}"' in one.message


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("pods/log", ""),
        ("nodes/metrics", ""),
        ("nodes/pods", ""),
        ("deployments/finalizers", "apps"),
        ("endpoints/restricted", ""),
        ("certificatesigningrequests/selfnodeclient", "certificates.k8s.io"),
        ("resourceclaims/binding", "resource.k8s.io"),
        ("widgets/log", "example.com"),
        ("deployments/pods", ""),
        ("*/anything", ""),
        ("pods/*", ""),
        ("pods/log", "*"),
    ],
)
def test_known_subresources(name, group):
    """Served ones, those of checks, and what is not known; a resource of another group is RL3204's."""
    assert found("RL3211", given(rule("get", name, group))) == ()

"""RL3203: resources named by their kind, singular or short name."""

import pytest
from audit_rules import found, given, rule


@pytest.mark.parametrize(
    ("name", "group", "right"),
    [
        ("pod", "", "pods"),
        ("Pods", "", "pods"),
        ("svc", "", "services"),
        ("Deployment", "apps", "deployments"),
        ("deploy", "*", "deployments"),
        ("Pod/log", "", "pods/log"),
        ("cronjob", "batch", "cronjobs"),
        ("user", "", "users"),
    ],
)
def test_other_names(name, group, right):
    """Only the plural in lower case matches (RBAC-11)."""
    (one,) = found("RL3203", given(rule("get", name, group)))
    assert one.message == f'"{name}" names no resource; write {right}.'


@pytest.mark.parametrize(
    ("name", "group"),
    [("pods", ""), ("endpoints", ""), ("*", ""), ("*/scale", "apps"), ("users", ""), ("quota", "example.com"), ("pods", "metrics.k8s.io")],
)
def test_right_names_are_clean(name, group):
    """Plurals, wildcards, virtual resources and groups that are not known."""
    assert found("RL3203", given(rule("get", name, group))) == ()


def test_capitals_are_wrong_in_every_group():
    """No resource has a capital letter in its name."""
    assert found("RL3203", given(rule("get", "Widgets", "example.com")))


def test_an_empty_entry_is_no_name():
    """RL3218 finds it, also where a definition says no singular."""
    assert found("RL3203", given(rule("get", "x") | {"resources": ["", "/status"]})) == ()

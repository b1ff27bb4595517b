"""RL3217: rules that are not whole, or two in one."""

import pytest
from audit_rules import found, role, rule, urls

PODS = rule("get", "pods")


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (PODS | {"verbs": []}, "has no verbs:"),
        (PODS | {"apiGroups": []}, "has no apiGroups:"),
        (PODS | {"resources": []}, "has no resources:"),
        ({}, "has no verbs and no apiGroups and no resources:"),
        ({"verbs": None, "nonResourceURLs": ["/metrics"]}, "has no verbs:"),
        (PODS | {"nonResourceURLs": ["/metrics"]}, "resources and paths at once"),
        (urls("get", "/metrics") | {"apiGroups": [""]}, "resources and paths at once"),
        (urls("get", "/metrics") | {"resourceNames": ["x"]}, "resources and paths at once"),
    ],
)
def test_every_form(bad, text):
    """What is missing or too much is named, in a ClusterRole as in a Role."""
    for namespace in ("", "shop"):
        (one,) = found("RL3217", role("r", PODS, bad, namespace=namespace))
        assert (one.severity.title, text in one.message, one.origin.path[-2:]) == ("High", True, ("rules", 1))


def test_a_mixed_rule_becomes_two():
    """Both halves keep the verbs."""
    (one,) = found("RL3217", role("r", PODS | {"nonResourceURLs": ["/metrics"]}))
    first, second = one.patch.edits[0].value
    assert (first["resources"], first.get("nonResourceURLs")) == (("pods",), None)
    assert (second["verbs"], second["nonResourceURLs"], second.get("resources")) == (("get",), ("/metrics",), None)


def test_no_patch_where_something_was_meant():
    """Without an API group one has to ask which; a rule without verbs or resources may go."""
    assert found("RL3217", role("r", PODS | {"apiGroups": []}))[0].patch is None
    assert found("RL3217", role("r", PODS | {"verbs": []}))[0].patch.edits[0].op == "remove"


def test_whole_rules_are_clean():
    """Empty texts are entries, paths in a Role are another rule's business, and a role without rules is valid (VAL-10)."""
    whole = role("a", rule("get", "pods", ""), urls("get", "/metrics"))
    assert found("RL3217", whole, role("b"), role("c", urls("get", "/metrics"), namespace="shop")) == ()

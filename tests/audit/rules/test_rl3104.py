"""RL3104: a rule that other rules of its role contain."""

import pytest
from audit_rules import found, policy_of, role, rule, urls

from rbaclens.audit.patch import applied


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (rule("*", "pods"), rule("get list", "pods")),
        (rule("get", "*"), rule("get", "pods pods/log secrets")),
        (rule("get", "*/log"), rule("get", "pods/log")),
        (rule("get", "pods", "*"), rule("get", "pods", "apps")),
        (rule("get", "pods"), rule("get", "pods", names="a b")),
        (urls("*", "/metrics*"), urls("get", "/metrics", "/metrics/a")),
    ],
)
def test_each_axis_counts(wide, narrow):
    """As the API server compares rules (ESC-23 to ESC-25), wherever the wider rule stands."""
    for rules in ((wide, narrow), (narrow, wide)):
        (one,) = found("RL3104", role("r", *rules))
        assert one.origin.path[-2:] == ("rules", rules.index(narrow))


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (rule("get", "pods/*"), rule("get", "pods/log")),
        (rule("get", "pods"), rule("get", "pods/log")),
        (rule("get", "pods", names="a"), rule("get", "pods", names="b")),
        (rule("get", "pods"), rule("get", "pods", "apps")),
        (rule("get", "pods"), rule("list", "pods")),
        (urls("get", "/metrics/*"), urls("get", "/metrics")),
        (rule("get", "pods"), rule("", "pods")),
    ],
)
def test_what_adds_something_is_clean(wide, narrow):
    """A wildcard that is none, a subresource, a name, a group, a verb, a path; and a rule that says nothing at all."""
    assert found("RL3104", role("r", wide, narrow)) == ()


def test_two_rules_together_contain_a_third():
    """Each atom needs one owner, not the same one (ESC-20)."""
    (one,) = found("RL3104", role("r", rule("get list", "pods services"), rule("get", "pods"), rule("list watch", "services")))
    assert one.origin.path[-1] == 1
    both = found("RL3104", role("r", rule("get", "pods"), rule("list", "pods"), rule("get list", "pods")))
    assert [one.origin.path[-1] for one in both] == [2]


def test_the_first_of_equal_rules_stays():
    """Three equal rules are one finding, and the patch leaves one."""
    objects = role("r", *[rule("get", "pods")] * 3)
    (one,) = found("RL3104", objects)
    (left,) = [each for each in applied(policy_of(objects), one.patch).roles if each.name == "r"]
    assert len(left.rules) == 1


def test_gathered_rules_are_found_where_they_were_written():
    """A rule of one source that another source contains is no flaw of the aggregated role (RBAC-41)."""
    selector = {"clusterRoleSelectors": [{"matchLabels": {"to": "all"}}]}
    sources = [role("a", rule("*", "pods"), labels={"to": "all"}), role("b", rule("get", "pods"), labels={"to": "all"})]
    assert found("RL3104", sources, role("all", aggregationRule=selector)) == ()

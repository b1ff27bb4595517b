"""RL3216: resources that the server does not have any more."""

import msgspec
import pytest
from audit_rules import found, given, policy_of, role, rule


@pytest.mark.parametrize(
    ("name", "group", "gone"),
    [
        ("ingresses", "extensions", (1, 22)),
        ("deployments/scale", "extensions", (1, 16)),
        ("podsecuritypolicies", "policy", (1, 25)),
        ("podschedulingcontexts", "resource.k8s.io", (1, 32)),
    ],
)
def test_from_the_version_on(name, group, gone):
    """The same rule is right on an older server."""
    (one,) = found("RL3216", given(rule("get", name, group)), version=gone)
    assert one.score == 0 and f"(since {gone[0]}.{gone[1]})" in one.message
    assert found("RL3216", given(rule("get", name, group)), version=(gone[0], gone[1] - 1)) == ()


@pytest.mark.parametrize(("name", "group"), [("ingresses", "networking.k8s.io"), ("poddisruptionbudgets", "policy"), ("*", "extensions")])
def test_still_there_is_clean(name, group):
    """Only the pair of group and resource counts."""
    assert found("RL3216", given(rule("get", name, group))) == ()


def test_what_the_api_server_wrote_itself_is_clean():
    """A default role keeps old groups; what somebody added to it is found."""
    (shipped,) = [one for one in policy_of().roles if one.name == "system:aggregate-to-view"]
    rules = [msgspec.to_builtins(one) for one in shipped.rules]
    added = rule("get", "podsecuritypolicies", "policy")
    (one,) = found("RL3216", role("system:aggregate-to-view", *rules, added))
    assert "podsecuritypolicies" in one.message

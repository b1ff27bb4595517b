"""RL3221: get without create on exec, attach and portforward."""

import pytest
from audit_rules import found, given, rule


@pytest.mark.parametrize("name", ["pods/exec", "pods/attach", "pods/portforward", "*/exec"])
def test_get_alone(name):
    """Since 1.35 a websocket is authorized as create too."""
    assert len(found("RL3221", given(rule("get list", name)), version=(1, 35))) == 1
    assert found("RL3221", given(rule("get", name)), version=(1, 34)) == ()


@pytest.mark.parametrize(
    "rules",
    [
        [rule("get create", "pods/exec")],
        [rule("get", "pods/exec"), rule("create", "pods/exec")],
        [rule("get", "pods/exec"), rule("create", "*", "*")],
        [rule("get", "pods/log")],
        [rule("create", "pods/exec")],
        [rule("get", "pods/exec", "apps")],
        [rule("get", "*")],
        [rule("get", "pods/*")],
    ],
)
def test_with_create_or_something_else(rules):
    """create anywhere in the role; other subresources, groups and wildcards."""
    assert found("RL3221", given(*rules)) == ()


def test_create_on_another_stream_is_not_enough():
    """Each subresource is authorized by itself."""
    (one,) = found("RL3221", given(rule("get", "pods/exec"), rule("create", "pods/attach")))
    assert "pods/exec" in one.message

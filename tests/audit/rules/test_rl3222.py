"""RL3222: rules without the one that they need beside them."""

import pytest
from audit_rules import found, given, rule


@pytest.mark.parametrize(
    "rules",
    [
        [rule("update", "configmaps", names="a")],
        [rule("update", "configmaps", names="a b"), rule("get", "configmaps", names="a")],
        [rule("update", "configmaps", names="a"), rule("list", "configmaps")],
        [rule("update", "widgets/status", "example.com")],
        [rule("update", "deployments/status", "apps"), rule("get", "deployments", "extensions")],
    ],
)
def test_companion_is_missing(rules):
    """An update by name needs the object first, and a status its object."""
    (one,) = found("RL3222", given(*rules))
    assert one.score == 0


@pytest.mark.parametrize(
    "rules",
    [
        [rule("get update", "configmaps", names="a")],
        [rule("update", "configmaps", names="a"), rule("get", "configmaps")],
        [rule("update", "configmaps", names="a"), rule("*", "*", "*")],
        [rule("patch", "configmaps", names="a")],
        [rule("update", "configmaps")],
        [rule("update", "widgets/status", "example.com"), rule("get", "widgets", "example.com")],
        [rule("update", "*/status")],
        [rule("update", "pods/status", "*"), rule("get", "pods")],
    ],
)
def test_companion_is_there(rules):
    """In any rule of the role; a patch needs none."""
    assert found("RL3222", given(*rules)) == ()

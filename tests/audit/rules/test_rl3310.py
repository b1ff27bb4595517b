"""RL3310: an object of the API server that it no longer keeps up to date."""

import pytest
from audit_rules import binding, found, group, role, rule

KEY = "rbac.authorization.kubernetes.io/autoupdate"


def _annotated(one, value):
    one["metadata"]["annotations"] = {KEY: value}
    return one


@pytest.mark.parametrize(("value", "count"), [("false", 1), ("true", 0), ("False", 0), ("", 0)])
def test_roles(value, count):
    """Only the exact word switches it off."""
    assert len(found("RL3310", _annotated(role("system:discovery", rule("get", "pods")), value))) == count


def test_bindings():
    """A binding counts by its role and one of its subjects, which are the API server's."""
    one = binding("system:discovery", group("system:authenticated"), group("mine"), role="system:discovery")
    assert len(found("RL3310", _annotated(one, "false"))) == 1


def test_other_objects():
    """The annotation means nothing on objects of one's own."""
    own = _annotated(role("mine", rule("get", "pods")), "false")
    assert found("RL3310", own, _annotated(binding("mine", group("ops"), role="mine"), "false")) == ()

"""RL3506: a star as user or group of an ABAC line."""

import json

import pytest
from audit_rules import found

HEAD = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}
PODS = {"namespace": "shop", "resource": "pods"}


def _found(**spec):
    return found("RL3506", abac=json.dumps(HEAD | {"spec": spec}))


@pytest.mark.parametrize("who", [{"user": "*"}, {"group": "*"}, {"user": "*", "group": "*"}])
def test_a_star_is_everybody(who):
    """A star in either field becomes the group of all who logged in (ABAC-14)."""
    (one,) = _found(**who, **PODS)
    assert (str(one.principal), one.severity.title) == ("group:system:authenticated", "High")
    assert "dropped" not in one.message


@pytest.mark.parametrize(
    ("who", "text"), [({"user": "alice", "group": "*"}, 'user "alice"'), ({"user": "*", "group": "ops"}, 'group "ops"')]
)
def test_the_other_condition_is_dropped(who, text):
    """The message says which condition does not exist (ABAC-14)."""
    (one,) = _found(**who, **PODS)
    assert f"the condition on {text} is dropped" in one.message


def test_reading_paths_is_less():
    """Reading paths alone is a warning."""
    assert [one.severity.title for one in _found(user="*", nonResourcePath="/version", readonly=True)] == ["Low"]
    assert [one.severity.title for one in _found(user="*", nonResourcePath="/version")] == ["High"]


@pytest.mark.parametrize("who", [{"group": "system:authenticated"}, {"user": "*bob"}, {"user": "bob", "group": "ops"}, {}])
def test_without_a_star(who):
    """The group by its own name is RL3516; a star inside a name is a name; nobody is nobody."""
    assert _found(**who, **PODS) == ()


def test_legacy_lines():
    """The v0 format knows the star too (ABAC-12), and a line without subject is RL3508."""
    assert len(found("RL3506", abac='{"user": "*", "resource": "pods"}')) == 1
    assert len(found("RL3506", abac="group: '*'")) == 1
    assert found("RL3506", abac='{"resource": "pods"}\nnull') == ()

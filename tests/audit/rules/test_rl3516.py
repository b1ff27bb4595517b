"""RL3516: an ABAC line for anonymous or all authenticated users."""

import json

import pytest
from audit_rules import found

HEAD = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}
PODS = {"namespace": "shop", "resource": "pods"}


def _found(**spec):
    return found("RL3516", abac=json.dumps(HEAD | {"spec": PODS | spec}))


@pytest.mark.parametrize(
    ("who", "readonly", "level"),
    [
        ({"group": "system:authenticated"}, False, "High"),
        ({"group": "system:authenticated"}, True, "High"),
        ({"group": "system:unauthenticated"}, True, "High"),
        ({"group": "system:unauthenticated"}, False, "Critical"),
        ({"user": "system:anonymous"}, False, "Critical"),
        ({"user": "system:anonymous", "group": "system:unauthenticated"}, False, "Critical"),
    ],
)
def test_the_three_names(who, readonly, level):
    """Each of the names counts; writing without any login is the worst."""
    assert [one.severity.title for one in _found(readonly=readonly, **who)] == [level]


@pytest.mark.parametrize(
    "who",
    [
        {"user": "*"},
        {"group": "*"},
        {},
        {"user": "system:authenticated"},
        {"group": "system:anonymous"},
        {"user": "bob", "group": "system:authenticated"},
        {"user": "bob", "group": "system:unauthenticated"},
    ],
)
def test_other_subjects(who):
    """A star is RL3506, nobody RL3508; a user called like a group is a user; both have to hold (ABAC-18)."""
    assert _found(**who) == ()


@pytest.mark.parametrize("line", ['{"group": "system:authenticated", "resource": "pods"}', "group: system:authenticated"])
def test_legacy_lines(line):
    """The v0 format, JSON or YAML, counts too."""
    assert len(found("RL3516", abac=line)) == 1


@pytest.mark.parametrize("line", ['{"resource": "pods"}', '{"user": "*"}', "null", '{"user": "*", "group": "system:authenticated"}'])
def test_legacy_lines_without_the_name(line):
    """What v0 turns into the group is not written."""
    assert found("RL3516", abac=line) == ()


def test_reading_paths_is_less():
    """Every cluster lets everybody read some paths: a warning."""
    (one,) = _found(namespace="", resource="", nonResourcePath="/version", readonly=True, group="system:unauthenticated")
    assert one.severity.title == "Low"

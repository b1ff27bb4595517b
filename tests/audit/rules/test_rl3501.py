"""RL3501: an ABAC line that allows everything."""

import json

import pytest
from audit_rules import found

FULL = {"user": "bob", "namespace": "*", "resource": "*", "apiGroup": "*"}
HEAD = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}


def _line(**spec):
    return json.dumps(HEAD | {"spec": FULL | spec})


def test_who_gets_it():
    """The finding names the principal and has the line as evidence."""
    (one,) = found("RL3501", abac=_line())
    assert str(one.principal) == "user:bob"
    assert one.severity.title == "Critical"
    assert one.evidence[0].policy.line == 1


@pytest.mark.parametrize("spec", [{"readonly": True}, {"namespace": "shop"}, {"resource": "pods"}, {"apiGroup": ""}, {"namespace": ""}])
def test_one_limit_is_enough(spec):
    """A line with any limit is no full grant."""
    assert found("RL3501", abac=_line(**spec)) == ()


@pytest.mark.parametrize("spec", [{"user": ""}, {"user": "", "group": "system:masters"}])
def test_nobody_and_masters(spec):
    """A line that names nobody never matches (ABAC-18), and system:masters needs no line (ATTR-25)."""
    assert found("RL3501", abac=_line(**spec)) == ()


@pytest.mark.parametrize(("line", "who"), [('{"user": "bob"}', "user:bob"), ('{"group": "ops"}', "group:ops")])
def test_legacy_lines_widen(line, who):
    """What a v0 line leaves out is everything (ABAC-13)."""
    assert [str(one.principal) for one in found("RL3501", abac=line)] == [who]

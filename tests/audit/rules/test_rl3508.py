"""RL3508: an ABAC line that names nobody."""

import json

import pytest
from audit_rules import found

HEAD = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}


@pytest.mark.parametrize("who", [{}, {"user": "", "group": ""}, {"user": None}])
def test_nobody_in_the_versioned_format(who):
    """The line never matches (ABAC-18): a warning."""
    (one,) = found("RL3508", abac=json.dumps(HEAD | {"spec": {"namespace": "shop", "resource": "pods"} | who}))
    assert (one.severity.title, one.principal) == ("Low", None)


@pytest.mark.parametrize("line", ['{"resource": "pods"}', '{"user": "", "resource": "pods"}', "resource: pods", "{}", "null", "user: null"])
def test_nobody_in_the_legacy_format(line):
    """The line is for everybody who logged in (ABAC-12): an error."""
    (one,) = found("RL3508", abac=line)
    assert (one.severity.title, str(one.principal)) == ("High", "group:system:authenticated")


@pytest.mark.parametrize("who", [{"user": "bob"}, {"group": "ops"}, {"user": "*"}, {"group": "system:authenticated"}])
def test_somebody(who):
    """A line that names anybody, by a star too, is another rule's business."""
    spec = {"namespace": "shop", "resource": "pods"} | who
    assert found("RL3508", abac=json.dumps(HEAD | {"spec": spec})) == ()
    assert found("RL3508", abac=json.dumps(spec)) == ()

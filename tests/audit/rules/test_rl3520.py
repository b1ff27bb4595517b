"""RL3520: an ABAC line that the legacy decoder reads as a blank policy."""

import pytest
from audit_rules import found

SPEC = '"spec": {"user": "bob", "namespace": "shop", "resource": "pods", "readonly": true}'
GROUP = '"apiVersion": "abac.authorization.kubernetes.io/v1beta1"'


@pytest.mark.parametrize("line", ["{}", "null", "---", f"{{{SPEC}}}", f'{{"kind": "Policy", {SPEC}}}'])
def test_blank_legacy_policies(line):
    """Each of these loads without an error, and then every authenticated user may do everything."""
    (one,) = found("RL3520", abac=line)
    assert (one.severity.title, str(one.principal)) == ("Critical", "group:system:authenticated")


@pytest.mark.parametrize(
    "line",
    [
        f'{{{GROUP}, "kind": "Policy", {SPEC}}}',
        '{"user": "bob"}',
        '{"user": "bob", "resource": "pods"}',
        f'{{{GROUP}, "kind": "Policy", "spec": {{"group": "*", "namespace": "*", "resource": "*", "apiGroup": "*"}}}}',
    ],
)
def test_lines_that_say_whom_they_mean(line):
    """A versioned line, or a legacy one that names somebody, is read as it is written; that it may be wide is another rule's matter."""
    assert found("RL3520", abac=line) == ()

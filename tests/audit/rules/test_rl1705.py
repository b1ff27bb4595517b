"""RL1705: changing validating admission policies."""

from audit_rules import found, grant

GROUP = "admissionregistration.k8s.io"


def test_from_the_version_that_has_them():
    """Policies are on by default from 1.30."""
    assert found("RL1705", grant("patch", "validatingadmissionpolicies", GROUP), version=(1, 29)) == ()

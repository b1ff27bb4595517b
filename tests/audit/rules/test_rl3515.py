"""RL3515: an ABAC line for all service accounts."""

import json

import pytest
from audit_rules import found

HEAD = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}


def _found(**spec):
    return found("RL3515", abac=json.dumps(HEAD | {"spec": {"namespace": "shop", "resource": "pods"} | spec}))


@pytest.mark.parametrize("group", ["system:serviceaccounts", "system:serviceaccounts:shop"])
def test_both_groups(group):
    """The group of all, and that of one namespace."""
    (one,) = _found(group=group)
    assert (one.severity.title, str(one.principal)) == ("High", f"group:{group}")


@pytest.mark.parametrize(
    "who",
    [
        {"group": "system:serviceaccountsx"},
        {"user": "system:serviceaccount:shop:web"},
        {"user": "system:serviceaccounts"},
        {"user": "bob", "group": "system:serviceaccounts"},
    ],
)
def test_one_attribute_away(who):
    """Another group, one account, a user of that name, and one user of the group (ABAC-18)."""
    assert _found(**who) == ()


def test_reading_paths_is_less():
    """Reading paths alone is a warning."""
    (one,) = _found(group="system:serviceaccounts", namespace="", resource="", nonResourcePath="/healthz", readonly=True)
    assert one.severity.title == "Low"


def test_the_old_default_of_a_cloud():
    """The legacy file that clouds once shipped is found in the v0 format too."""
    assert len(found("RL3515", abac='{"group": "system:serviceaccounts"}')) == 1

"""Which service accounts workloads and token secrets name."""

import json

import pytest

from rbaclens.sources import read_manifests


def _read(*objects):
    return read_manifests(json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}).encode(), "a.json").objects


def _deployment(**spec):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": spec}}}


@pytest.mark.parametrize(
    ("spec", "account"),
    [
        ({}, "default"),
        ({"serviceAccountName": ""}, "default"),
        ({"serviceAccount": "old"}, "old"),
        ({"serviceAccount": "old", "serviceAccountName": "new"}, "new"),
    ],
)
def test_accounts_of_a_template(spec, account):
    """The deprecated field counts where the other is empty; without a namespace the object is in ``default``."""
    (one,) = _read(_deployment(**spec)).account_uses
    assert (one.namespace, one.account, one.kind, one.name) == ("default", account, "Deployment", "d")


@pytest.mark.parametrize(
    "odd",
    [
        {"apiVersion": "apps/v1", "kind": "Deployment"},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": [], "spec": {"template": 7}},
        _deployment(serviceAccountName=["x"]),
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"labels": 1}, "type": ["x"], "data": 5},
        {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token"},
        {"apiVersion": "example.com/v1", "kind": "Deployment", "spec": 1},
    ],
)
def test_odd_ones_break_nothing(odd):
    """They are no policy: what cannot be read of them is passed over, without a word."""
    found = _read(odd)
    assert (found.notices, [one.account for one in found.account_uses if one.account != "default"]) == ([], [])

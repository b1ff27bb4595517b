"""Controllers that make pods, and secrets: which service accounts they name."""

import json

import pytest

from rbaclens.sources import assemble, read_manifests


def _read(*objects):
    items = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    return assemble(read_manifests(json.dumps(items).encode(), "a.json").objects, bootstrap=False)


def _deployment(**spec):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": spec}}}


@pytest.mark.parametrize(
    ("spec", "account"),
    [
        ({}, ""),
        ({"serviceAccount": "old"}, "old"),
        ({"serviceAccount": "old", "serviceAccountName": "new"}, "new"),
    ],
)
def test_accounts_of_a_template(spec, account):
    """The deprecated field counts where the other is empty; without a namespace the object is in ``default``."""
    (one,) = _read(_deployment(**spec)).controllers
    assert (one.obj.metadata.namespace, one.obj.pods.service_account_name, one.obj.metadata.name) == ("default", account, "d")


@pytest.mark.parametrize(
    ("odd", "notices"),
    [
        ({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": [], "spec": {"template": 7}}, 1),
        (_deployment(serviceAccountName=["x"]), 1),
        ({"apiVersion": "v1", "kind": "Secret", "metadata": {"labels": 1}, "type": ["x"], "data": 5}, 1),
        ({"apiVersion": "example.com/v1", "kind": "Deployment", "spec": 1}, 0),
    ],
)
def test_odd_ones_break_nothing(odd, notices):
    """They decide about no request: what cannot be read of them is passed over, with a word."""
    found = _read(odd)
    assert (len(found.notices), found.controllers, found.secrets) == (notices, (), ())

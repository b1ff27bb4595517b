"""Workloads and secrets of manifests: what is kept of them, and what never is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rbaclens.model.policy import PolicySet
from rbaclens.sources import assemble, read_manifests

TEMPLATE = {"spec": {"serviceAccountName": "web", "containers": [{"name": "c", "securityContext": {"privileged": True}}]}}


def loaded(*objects: dict[str, Any]) -> PolicySet:
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}).encode()
    return assemble(read_manifests(text, "f.json").objects, bootstrap=False)


def workload(api_version: str, kind: str, spec: Any, namespace: str = "shop") -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "web", "namespace": namespace}, "spec": spec}


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("apps/v1", "Deployment"),
        ("apps/v1", "DaemonSet"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1", "ReplicaSet"),
        ("batch/v1", "Job"),
        ("v1", "ReplicationController"),
        ("batch/v1", "CronJob"),
    ],
)
def test_pods_of_controllers(api_version: str, kind: str):
    """The pods of every controller are known by its template; without a namespace it is in default."""
    spec = {"jobTemplate": {"spec": {"template": TEMPLATE}}} if kind == "CronJob" else {"template": TEMPLATE}
    (one,) = loaded(workload(api_version, kind, spec, namespace="")).controllers
    assert (type(one.obj).__name__, one.obj.metadata.namespace) == (kind, "default")
    assert one.obj.pods.service_account_name == "web"
    assert one.obj.pods.containers[0].security_context.privileged


def test_empty_controllers():
    """Null and missing parts read as empty ones, as the API server reads them."""
    for spec in ({}, None, {"template": None}, {"template": {"spec": None}}):
        (one,) = loaded(workload("apps/v1", "Deployment", spec)).controllers
        assert one.obj.pods.containers == ()


def test_wrong_types_are_passed_over_with_a_word():
    """A workload decides about no request: one that no API server would take must not stand in the way of those that do."""
    policy = loaded(workload("apps/v1", "Deployment", {"template": {"spec": {"containers": "c"}}}))
    assert policy.controllers == ()
    assert [note.message for note in policy.notices if "no Deployment that an API server would take" in note.message]


def test_the_last_of_one_name_counts():
    """Of two controllers of one kind and name the last is kept, with a notice; kinds do not meet."""
    first = workload("apps/v1", "Deployment", {})
    policy = loaded(first, workload("apps/v1", "Deployment", {"template": TEMPLATE}), workload("apps/v1", "DaemonSet", {}))
    assert [(type(one.obj).__name__, len(one.obj.pods.containers)) for one in policy.controllers] == [("Deployment", 1), ("DaemonSet", 0)]
    assert len(policy.notices) == 1


def test_nothing_of_a_secret_but_that_it_is_there():
    """Name, type and whose token: data and annotations, where kubectl repeats the data, are not kept."""
    meta = {"name": "t", "namespace": "shop", "annotations": {"kubernetes.io/service-account.name": "web", "other": "hidden"}}
    token = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": meta,
        "type": "kubernetes.io/service-account-token",
        "data": {"a": "aGlkZGVu"},
    }
    plain = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "p"}, "stringData": {"a": "hidden"}}
    policy = loaded(token, plain)
    assert [(one.namespace, one.name, one.type, one.account) for one in policy.secrets] == [
        ("shop", "t", "kubernetes.io/service-account-token", "web"),
        ("default", "p", "Opaque", ""),
    ]
    assert "hidden" not in repr(policy)
    assert "aGlkZGVu" not in repr(policy)


def test_service_accounts():
    """What an account says of tokens, and which secrets it lists."""
    written = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web", "namespace": "shop"}}
    plain, told = (
        loaded(one).service_accounts[0]
        for one in (written, {**written, "automountServiceAccountToken": False, "secrets": [{"name": "s"}, {}]})
    )
    assert (plain.automount, plain.secrets, told.automount, told.secrets) == (None, (), False, ("s",))

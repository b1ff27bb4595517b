"""Snapshots: the same objects give the same bytes, and nothing is in them that no question needs."""

import gzip
import json
from pathlib import Path

import msgspec
import pytest

from rbaclens import sources
from rbaclens.errors import PolicyFileError
from rbaclens.index.engine import Engine
from rbaclens.model.decision import Answer
from rbaclens.model.request import Request
from rbaclens.model.resources import ApiResource
from rbaclens.model.workloads import Pod
from rbaclens.sources import wire
from rbaclens.sources.snapshot import Head, write_snapshot

RBAC = "rbac.authorization.k8s.io/v1"
ROLE = {
    "metadata": {
        "name": "reader",
        "namespace": "shop",
        "uid": "1",
        "resourceVersion": "7",
        "labels": {"b": "2", "a": "1"},
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "owner": "me"},
        "managedFields": [{"manager": "kubectl"}],
    },
    "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"], "resourceNames": None}],
}
BINDING = {
    "metadata": {"name": "readers", "namespace": "shop"},
    "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "bob"}],
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
}
POD = {
    "metadata": {"name": "p", "namespace": "shop", "annotations": {"vault": "t0ken", "kubernetes.io/config.mirror": "x"}},
    "spec": {"nodeName": "n1", "containers": [{"name": "c", "env": [{"name": "PASSWORD", "value": "hunter2"}]}]},
    "status": {"podIP": "10.0.0.1"},
}


def decoded(written: dict, form: type):
    return msgspec.json.decode(json.dumps(written), type=form)


def written_objects() -> dict:
    return {
        (RBAC, "RoleBinding"): [decoded(BINDING, wire.RoleBinding)],
        (RBAC, "Role"): [decoded(ROLE, wire.Role), wire.Role(metadata=wire.Metadata("a", "shop"))],
        ("v1", "Pod"): [decoded(POD, Pod)],
    }


def test_the_same_objects_give_the_same_bytes() -> None:
    """Neither order nor time of compression shows; only the head's time makes a difference."""
    objects = written_objects()
    first = write_snapshot(Head(time="T1"), objects)
    turned = {key: list(reversed(values)) for key, values in reversed(objects.items())}
    assert write_snapshot(Head(time="T1"), turned) == first
    second = gzip.decompress(write_snapshot(Head(time="T2"), objects))
    assert second.replace(b'"T2"', b'"T1"') == gzip.decompress(first)


def test_only_what_is_needed_is_kept() -> None:
    """Environment values, foreign annotations, managed fields and versions are left out."""
    text = gzip.decompress(write_snapshot(Head(), written_objects())).decode()
    for gone in ("hunter2", "t0ken", "managedFields", "resourceVersion", "last-applied", "podIP", "null"):
        assert gone not in text
    for kept in ("PASSWORD", "config.mirror", '"owner":"me"', "nodeName"):
        assert kept in text


def test_a_snapshot_is_read_like_a_manifest(tmp_path) -> None:
    """Objects, resources, gaps and notices come back, each object with its line, and nothing is laid beneath."""
    resource = ApiResource("example.com", "v1", "widgets", "Widget", short_names=("wd",))
    head = Head(
        refused=("clusterroles may not be listed: every no is unknown",), notices=("pods may not be listed",), discovery=(resource,)
    )
    path = tmp_path / "s.rbac.json.gz"
    path.write_bytes(write_snapshot(head, written_objects()))
    policy = sources.load([str(path)])
    assert [one.name for one in policy.roles] == ["a", "reader"]
    assert policy.resources == (resource,)
    assert policy.gaps == head.refused
    assert [notice.message for notice in policy.notices] == list(head.notices)
    assert policy.locate(policy.roles[1].origin).line > policy.locate(policy.roles[0].origin).line > 1
    engine = Engine(policy)
    assert engine.decide(Request("get", "pods", namespace="shop", user="bob")).answer is Answer.YES
    assert engine.decide(Request("get", "pods", namespace="shop", user="eve")).answer is Answer.UNKNOWN


def test_a_snapshot_beside_manifests(tmp_path) -> None:
    """What is laid over a snapshot changes it: then aggregation is what the controller would make of both."""
    selector = {"clusterRoleSelectors": [{"matchLabels": {"to": "all"}}]}
    stored = decoded({"metadata": {"name": "all"}, "aggregationRule": selector, "rules": []}, wire.ClusterRole)
    part = {"apiVersion": RBAC, "kind": "ClusterRole", "metadata": {"name": "part", "labels": {"to": "all"}}, "rules": ROLE["rules"]}
    inside = decoded(part, wire.ClusterRole)
    (tmp_path / "s.json.gz").write_bytes(write_snapshot(Head(), {(RBAC, "ClusterRole"): [stored, inside]}))
    (tmp_path / "m.json").write_text(json.dumps({**part, "metadata": {"name": "more", "labels": {"to": "all"}}}))
    alone = sources.load([str(tmp_path / "s.json.gz")])
    assert {role.name: len(role.rules) for role in alone.roles} == {"all": 0, "part": 1}
    both = sources.load([str(tmp_path)])
    assert {role.name: len(role.rules) for role in both.roles} == {"all": 1, "part": 1, "more": 1}


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ({"apiVersion": "rbaclens.dev/v2", "kind": "Snapshot"}, "not known to this rbaclens"),
        ({"apiVersion": "rbaclens.dev/v1", "kind": "Shapshot"}, "not known to this rbaclens"),
        ({"apiVersion": "rbaclens.dev/v1", "kind": "Snapshot", "refused": "no"}, "refused: expected a list"),
        ({"apiVersion": "rbaclens.dev/v1", "kind": "Snapshot", "discovery": [{"group": 7}]}, "expected a text"),
        ({"apiVersion": "rbaclens.dev/v1", "kind": "Snapshot", "items": [{"kind": "Role"}]}, "apiVersion is missing"),
    ],
)
def test_snapshots_with_a_fault(tmp_path, head, words) -> None:
    """A snapshot of a newer version or with wrong types is refused by name."""
    path: Path = tmp_path / "s.json"
    path.write_text(json.dumps(head))
    with pytest.raises(PolicyFileError, match=words):
        sources.load([str(path)])

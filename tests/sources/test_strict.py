"""Strict decoding of one RBAC object (VAL-01, VAL-05, RBAC-04)."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from rbaclens.errors import RequestError
from rbaclens.model.objects import RBAC_GROUP, Binding, Role, Subject
from rbaclens.model.rules import AggregationRule, LabelSelector, PolicyRule, SelectorRequirement
from rbaclens.model.validation import ApiError
from rbaclens.sources.strict import check_object, decode_object

CONFORMANCE = Path(__file__).parents[1] / "conformance"


def manifest(kind="Role", metadata=None, **fields):
    meta = {"name": "x"} | (metadata or {})
    return {"apiVersion": f"{RBAC_GROUP}/v1", "kind": kind, "metadata": meta, **fields}


def answer(item):
    if not isinstance(item, ApiError):
        return {"code": 201, "reason": None, "message": None, "causes": []}
    causes = [{"field": cause.field, "reason": cause.reason, "message": cause.message} for cause in item.causes]
    return {"code": item.code, "reason": item.reason, "message": item.message, "causes": causes}


@pytest.mark.parametrize("recording", sorted(CONFORMANCE.glob("validation-*")), ids=lambda path: path.name)
@pytest.mark.parametrize("form", ["bytes", "mapping"])
def test_every_recording_of_a_real_server(recording, form):
    """Code, reason, whole message and causes equal those of a real server, in whichever form the object comes."""
    for line in (recording / "validation.jsonl").read_text().splitlines():
        recorded = json.loads(line)
        sent = recorded["object"] if form == "mapping" else json.dumps(recorded["object"]).encode()
        expected = {key: recorded[key] for key in ("code", "reason", "message", "causes")}
        assert answer(check_object(sent, namespace="default")) == expected, recorded["change"]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ('"rules": 1', "json: cannot unmarshal number into Go struct field Role.rules of type []v1.PolicyRule"),
        ('"rules": ["x"]', "json: cannot unmarshal string into Go struct field Role.rules of type v1.PolicyRule"),
        ('"rules": [{"verbs": [true]}]', "json: cannot unmarshal bool into Go struct field PolicyRule.rules.verbs of type string"),
        ('"rules": [{"verbs": {}}]', "json: cannot unmarshal object into Go struct field PolicyRule.rules.verbs of type []string"),
        ('"metadata": []', "json: cannot unmarshal array into Go struct field Role.metadata of type v1.ObjectMeta"),
        ('"metadata": {"uid": 1}', "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.uid of type types.UID"),
        (
            '"metadata": {"labels": []}',
            "json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string",
        ),
        (
            '"metadata": {"labels": {"a": 1}}',
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
        ),
        (
            '"metadata": {"generation": 1.5}',
            "json: cannot unmarshal number 1.5 into Go struct field ObjectMeta.metadata.generation of type int64",
        ),
        (
            '"metadata": {"ownerReferences": [{"controller": "yes"}]}',
            "json: cannot unmarshal string into Go struct field OwnerReference.metadata.ownerReferences.controller of type bool",
        ),
        (
            '"metadata": {"creationTimestamp": "today"}',
            'parsing time "today" as "2006-01-02T15:04:05Z07:00": cannot parse "today" as "2006"',
        ),
        ('"bogus": {"a": 1}, "bogus2": 1', 'strict decoding error: unknown field "bogus", unknown field "bogus2"'),
        (
            '"rules": [{"verbs": [], "Verbs": [], "verbs": []}]',
            'strict decoding error: unknown field "rules[0].Verbs", duplicate field "rules[0].verbs"',
        ),
        ('"metadata": {"labels": {"a": "1", "a": "2"}}', 'strict decoding error: duplicate field "metadata.labels.a"'),
        ('"bogus": 1, "rules": 1', "json: cannot unmarshal number into Go struct field Role.rules of type []v1.PolicyRule"),
    ],
)
def test_bodies_that_do_not_decode(raw, problem):
    """The first wrong type hides everything; unknown and repeated fields are all named, with their paths."""
    body = f'{{"apiVersion": "{RBAC_GROUP}/v1", "kind": "Role", {raw}}}'.encode()
    sent = decode_object(body)
    assert sent.content == ApiError(400, "BadRequest", f'Role in version "v1" cannot be handled as a Role: {problem}')


def test_a_role_decodes_with_nulls_for_empty_lists():
    """Null stands for nothing in every place (Go's zero values)."""
    raw = manifest(rules=[{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": None}, None])
    item = decode_object(json.dumps(raw).encode()).content
    assert isinstance(item, Role)
    assert item.rules == (PolicyRule(("get",), ("",), ("pods",)), PolicyRule())
    assert (item.kind, item.namespace, item.name) == ("Role", "default", "x")


def test_a_cluster_role_keeps_its_selectors():
    """An aggregationRule that is null is none at all; an empty one has no selectors (VAL-11)."""
    expressions = [{"key": "a", "operator": "In", "values": ["x"]}]
    item = decode_object(manifest("ClusterRole", aggregationRule={"clusterRoleSelectors": [{"matchExpressions": expressions}]})).content
    assert isinstance(item, Role)
    assert item.aggregation == AggregationRule((LabelSelector({}, (SelectorRequirement("a", "In", ("x",)),)),))
    empty = decode_object(manifest("ClusterRole", aggregationRule={})).content
    assert isinstance(empty, Role)
    assert empty.aggregation is not None
    assert check_object(manifest("ClusterRole", aggregationRule=None)) == decode_object(manifest("ClusterRole")).content


def test_a_binding_gets_the_defaults_of_its_api_groups():
    """RBAC-04, VAL-05: missing API groups are filled in before anything is judged."""
    subjects = [{"kind": kind, "name": "x", "namespace": "n"} for kind in ("User", "Group", "ServiceAccount", "Robot")]
    item = decode_object(manifest("RoleBinding", roleRef={"kind": "Role", "name": "r"}, subjects=subjects)).content
    assert isinstance(item, Binding)
    assert item.role_ref.api_group == RBAC_GROUP
    assert [subject.api_group for subject in item.subjects] == [RBAC_GROUP, RBAC_GROUP, "", ""]
    assert item.subjects[2] == Subject("ServiceAccount", "x", "n")


@pytest.mark.parametrize(
    ("kind", "own", "url", "expected"),
    [
        ("Role", None, None, "default"),
        ("Role", "a", None, "a"),
        ("Role", None, "b", "b"),
        ("Role", "b", "b", "b"),
        ("ClusterRole", None, "b", ""),
        ("ClusterRole", "a", None, ""),
    ],
)
def test_the_namespace_of_the_request(kind, own, url, expected):
    """A namespaced object goes to the URL's namespace; a cluster-scoped one loses whatever it names."""
    item = check_object(manifest(kind, {"namespace": own} if own else None), namespace=url)
    assert isinstance(item, Role)
    assert item.namespace == expected


def test_another_namespace_than_the_urls_is_refused():
    """The body may not name another namespace than the URL."""
    refused = check_object(manifest(metadata={"namespace": "a"}), namespace="b")
    assert refused == ApiError(400, "BadRequest", "the namespace of the provided object does not match the namespace sent on the request")


@pytest.mark.parametrize(
    ("metadata", "fields"),
    [
        ({"generateName": "g-", "name": ""}, []),
        ({"generateName": "g/", "name": ""}, ["metadata.generateName", "metadata.name"]),
        ({"generateName": ".", "name": ""}, []),
        ({"generateName": "a%"}, ["metadata.generateName"]),
        ({"finalizers": ["example.com/x", "orphan"]}, []),
        ({"finalizers": ["mine"]}, ["metadata.finalizers[0]"]),
        ({"finalizers": ["a b/c"]}, ["metadata.finalizers"]),
        ({"finalizers": ["orphan", "foregroundDeletion"]}, ["metadata.finalizers"]),
        ({"ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}]}, []),
        ({"ownerReferences": [{}]}, [f"metadata.ownerReferences.{field}" for field in ("apiVersion", "kind", "name", "uid")]),
    ],
)
def test_metadata_that_only_the_body_has(metadata, fields):
    """VAL-02, VAL-03: generated names, finalizers and owner references follow the server's generic rules."""
    item = check_object(manifest(metadata=metadata))
    assert [cause.field for cause in item.causes] == fields if isinstance(item, ApiError) else not fields


def test_a_version_that_is_not_served():
    """Only v1 is served."""
    old = manifest() | {"apiVersion": f"{RBAC_GROUP}/v1beta1"}
    assert answer(check_object(old))["message"] == "the server could not find the requested resource"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'"x"',
        b"{",
        b'{"a": NaN}',
        b"[" * 100_000,
        b'{"apiVersion": "v1", "kind": "Role"}',
        b'{"apiVersion": 1, "kind": ["Role"]}',
        b'{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleList"}',
        b"\xff\xfe",
    ],
)
def test_what_no_request_can_be_made_of(raw):
    """Input that is no RBAC object raises one kind of error, whatever is wrong with it."""
    with pytest.raises(RequestError):
        check_object(raw)


def test_damaged_bodies_never_raise_anything_else():
    """Any value in any place is answered as data or with RequestError, and text is always encodable."""
    chance = random.Random(7)  # noqa: S311
    values = [None, 1, 1.5, 10**30, True, "x", "\ud800", [], {}, [None], [[]], {"a": None}, {"\udfff": {}}]
    base = [
        manifest("ClusterRole", {"labels": {"a": "b"}}, rules=[{"verbs": ["get"]}], aggregationRule={"clusterRoleSelectors": [{}]}),
        manifest("RoleBinding", roleRef={"kind": "Role", "name": "r"}, subjects=[{"kind": "User", "name": "bob"}]),
    ]
    for _ in range(400):
        body = json.loads(json.dumps(chance.choice(base)))
        place = body
        while True:
            key = chance.choice(list(place) if isinstance(place, dict) else list(range(len(place))))
            below = place[key]
            if not below or isinstance(below, str) or chance.random() < 0.3:
                place[key] = chance.choice(values)
                break
            place = below
        try:
            item = check_object(json.dumps(body).encode())
        except RequestError:
            continue
        str(answer(item)).encode()

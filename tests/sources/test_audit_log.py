"""Audit logs in every form that they come in, and each event as the request that was judged."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.errors import PolicyFileError
from rbaclens.model.request import Request
from rbaclens.requests.http import attributes_from_http
from rbaclens.sources.audit_event import AuditEvent
from rbaclens.sources.audit_log import BadLine, Decided, events_of, read_audit_log

RECORDED = Path(__file__).parents[1] / "conformance" / "http-101" / "http.jsonl"
KUBECTL = Path(__file__).parents[1] / "conformance" / "kubectl" / "kubectl.jsonl"


def event(audit_id="a1", *, uri="/api/v1/namespaces/shop/pods", verb="list", decision="allow", **more):
    """An audit event as the API server writes it."""
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": audit_id,
        "stage": "ResponseComplete",
        "requestURI": uri,
        "verb": verb,
        "user": {"username": "bob", "groups": ["devs", "system:authenticated"], "uid": "u1", "extra": {"k": ["v"]}},
        "requestReceivedTimestamp": "2026-01-02T03:04:05.123456Z",
        "annotations": {"authorization.k8s.io/decision": decision, "authorization.k8s.io/reason": "r"},
        **more,
    }


def read(data):
    """Everything that is found in some bytes."""
    return list(events_of(io.BytesIO(data)))


def ids(found):
    """The audit ids, or the line of what could not be read."""
    return [one.line if isinstance(one, BadLine) else one.audit_id for one in found]


def decoded(data):
    """One event, decoded."""
    return msgspec.convert(data, AuditEvent)


A, B = event("a"), event("b")
LINES = (json.dumps(A) + "\n" + json.dumps(B) + "\n").encode()
MESSAGES = [{"timestamp": 1, "message": json.dumps(A)}, {"timestamp": 2, "message": json.dumps(B)}]
WITHOUT_KIND = [{key: value for key, value in one.items() if key not in ("kind", "apiVersion")} for one in (A, B)]


@pytest.mark.parametrize(
    "data",
    [
        LINES,
        LINES.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + LINES.replace(b"\n", b"\n\n"),
        gzip.compress(LINES),
        gzip.compress(LINES[: LINES.index(b"\n") + 1]) + gzip.compress(LINES[LINES.index(b"\n") + 1 :]),
        json.dumps({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": [A, B]}).encode(),
        json.dumps({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": WITHOUT_KIND}).encode(),
        json.dumps({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": [A, B]}, indent=2).encode(),
        json.dumps([A, B]).encode(),
        json.dumps([A, B], indent=2).encode(),
        json.dumps({"events": MESSAGES, "searchedLogStreams": []}).encode(),
        json.dumps({"events": MESSAGES}, indent=4).encode(),
        json.dumps({"logEvents": MESSAGES, "logGroup": "g", "messageType": "DATA_MESSAGE"}).encode(),
        "\n".join(json.dumps(message) for message in MESSAGES).encode(),
        b"".join(b"2026-01-02T03:04:05.000Z " + line + b"\n" for line in LINES.splitlines()),
    ],
)
def test_forms(data):
    """JSON lines, gzip (in pieces too), EventList, CloudWatch in one object or a line each, over many lines, S3's with a time."""
    assert ids(read(data)) == ["a", "b"]


def test_bad_lines_are_named_and_passed_over():
    """Each with its line and a reason; the others are read."""
    bad = [b"{broken", b'{"kind": "Event", "apiVersion": "v1"}', b"[1]", b'"text"', b'{"message": "no json"}', b"\xff\xfe", b"7 {}"]
    data = b"\n".join([json.dumps(A).encode(), *bad, json.dumps(B).encode()])
    found = read(data)
    assert ids(found) == ["a", *range(2, 9), "b"]
    assert "apiVersion v1" in found[2].message
    assert all(isinstance(one, BadLine) and one.message for one in found[1:-1])


def test_wrong_types_are_bad_lines():
    """A field of the wrong type is named."""
    found = read(json.dumps({**A, "user": 7}).encode())
    assert "user" in found[0].message


def test_damaged_compression():
    """What was read before the damage counts; the damage is one bad line."""
    data = gzip.compress(b"".join(json.dumps(event(str(n))).encode() + b"\n" for n in range(3000)), 0)
    found = read(data[: len(data) // 2])
    assert len(found) > 100
    assert isinstance(found[-1], BadLine)
    assert "damaged" in found[-1].message


def test_nothing():
    """An empty log holds nothing, and that is no error."""
    assert read(b"") == read(b"\n\n") == read(gzip.compress(b"")) == []


def test_files_and_stdin(tmp_path):
    """A file by its name, - for stdin, a clear error for what cannot be opened."""
    file = tmp_path / "audit.log"
    file.write_bytes(LINES)
    assert ids(read_audit_log(str(file), io.BytesIO())) == ["a", "b"]
    assert ids(read_audit_log("-", io.BytesIO(LINES))) == ["a", "b"]
    with pytest.raises(PolicyFileError, match=r"missing\.log: cannot be read"):
        list(read_audit_log(str(tmp_path / "missing.log"), io.BytesIO()))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data):
    """Whatever it is: events or bad lines, never another error."""
    assert all(isinstance(one, (AuditEvent, BadLine)) for one in read(data))


def test_who_is_meant():
    """The user with groups, uid and extra; whoever was impersonated goes before (ESC-46)."""
    request = decoded(A).request()
    assert (request.user, request.groups, request.uid, request.extra) == ("bob", ("devs", "system:authenticated"), "u1", {"k": ("v",)})
    other = decoded({**A, "impersonatedUser": {"username": "eve", "groups": None}}).request()
    assert (other.user, other.groups, other.uid) == ("eve", (), "")


def test_decisions():
    """allow and forbid with their reason; an event without a decision has no answer (ATTR-09)."""
    assert decoded(A).answer().allowed
    assert decoded(A).answer().reason == "r"
    assert not decoded(event(decision="forbid")).answer().allowed
    assert decoded({**A, "annotations": {"authorization.k8s.io/reason": "internal error"}}).answer() is None
    assert decoded({**A, "annotations": None}).answer() is None


def test_the_uri_says_what_was_asked():
    """A create's name came from its body and was not judged; selectors stand in the URI alone."""
    ref = {"resource": "pods", "namespace": "shop", "name": "web-0", "apiVersion": "v1"}
    created = decoded(event(verb="create", objectRef=ref)).request()
    assert (created.verb, created.resource, created.name) == ("create", "pods", "")
    listed = decoded(event(uri="/api/v1/namespaces/shop/pods?fieldSelector=metadata.name%3Dweb", objectRef=ref)).request()
    assert [(term.key, term.value) for term in listed.field_selector] == [("metadata.name", "web")]
    evicted = decoded(
        event(verb="create", uri="/api/v1/namespaces/shop/pods/web-0/eviction", objectRef={**ref, "subresource": "eviction"})
    ).request()
    assert (evicted.subresource, evicted.name) == ("eviction", "web-0")


@pytest.mark.parametrize("uri", ["/k8s/clusters/c1/api/v1/namespaces/shop/pods/web-0", ""])
def test_the_object_where_the_uri_does_not_lead_to_it(uri):
    """A proxy's prefix, or no URI at all: the objectRef says what was asked, a create without the name of its body."""
    ref = {"resource": "deployments", "namespace": "shop", "name": "web", "apiVersion": "v1", "apiGroup": "apps"}
    read_one = decoded(event(verb="get", uri=uri, objectRef=ref)).request()
    assert (read_one.api_group, read_one.resource, read_one.name, read_one.version) == ("apps", "deployments", "web", "v1")
    assert decoded(event(verb="create", uri=uri, objectRef=ref)).request().name == ""


def test_recorded_events():
    """What a real server's audit log made of 800 requests is what the URI, or the objectRef, says again."""
    for line in RECORDED.read_text().splitlines():
        recorded = json.loads(line)
        if "verb" not in recorded:
            continue
        whole = {"verb": recorded["verb"], "requestURI": recorded["requestURI"], "objectRef": recorded["objectRef"]}
        found = decoded(whole).request()
        expected = attributes_from_http(recorded["method"], recorded["path"]).request
        assert found == expected, line
        assert decoded({**whole, "objectRef": None}).request() == expected, line


def test_recorded_kubectl():
    """The events of kubectl's own requests: verb and object as recorded, but for names out of bodies."""
    for line in KUBECTL.read_text().splitlines():
        for recorded in json.loads(line)["requests"]:
            found = decoded({"verb": recorded["verb"], "requestURI": recorded["uri"], "objectRef": recorded["objectRef"]}).request()
            ref = recorded["objectRef"]
            assert found.verb == recorded["verb"]
            assert (ref is None) is (found.path is not None)
            if ref is not None:
                assert (found.resource, found.namespace) == (ref["resource"], ref.get("namespace", ""))
                assert found.name in ("", ref.get("name", ""))


def test_a_watch_counts_once():
    """Started and ended with one id is one decision; ids are remembered for so many open watches and no more."""
    decided = Decided(remembered=2)
    started = [decoded({**event(str(n)), "stage": "ResponseStarted"}) for n in range(3)]
    ended = [decoded(event(str(n))) for n in range(3)]
    assert all(decided.first(one) for one in started)
    assert [decided.first(one) for one in ended] == [True, False, False]
    assert decided.first(decoded(A))


def test_no_policy_in_a_path():
    """A non-resource request has its path without the query."""
    assert decoded(event(verb="get", uri="/healthz?verbose=1")).request() == Request(
        "get", path="/healthz", user="bob", groups=("devs", "system:authenticated"), uid="u1", extra={"k": ("v",)}
    )

"""HTTP requests resolved into attributes (RI-01 to RI-38)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rbaclens.errors import RequestError
from rbaclens.model.request import FieldRequirement, LabelRequirement, Request
from rbaclens.requests.http import attributes_from_http, parse_http_line, request_from_http

CONFORMANCE = Path(__file__).parent.parent / "conformance"


def resolve(line: str) -> Request:
    return request_from_http(*parse_http_line(line))


@pytest.mark.parametrize(
    "path",
    [
        *["", "/", "/api", "/apis", "/healthz", "/api/v1", "/api/version/", "/apis/extensions/v1beta1", "/apis/extensions/v1beta1/"],
        *["/apis/version/resource", "/not-api/version/resource", "/badprefix/version/resource", "/healthz/", "/API/v1/pods", "/api//"],
    ],
)
def test_short_and_foreign_paths_are_not_resources(path: str) -> None:
    """Table RI-A: fewer parts than a resource has, or another prefix; the path stays as it was (RI-03, RI-05, RI-06, RI-08)."""
    assert request_from_http("GET", path) == Request("get", path=path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/version/resource", Request("list", "resource", version="version")),
        ("/apis/batch/v1/job", Request("list", "job", "batch", version="v1")),
        ("/apis/batch/v1/job/foo/scale", Request("get", "job", "batch", "scale", name="foo", version="v1")),
        ("//api//v1/pods", Request("get", "v1", name="pods", version="")),
        ("/api/v1//pods", Request("get", "", name="pods", version="v1")),
        ("/api/v1/../v1/pods", Request("get", "..", subresource="pods", name="v1", version="v1")),
        ("/api/v1/namespaces/a%2Fb/pods", Request("get", "b", namespace="a", name="pods", version="v1")),
        ("/api/v1/nodes/n%ff", Request("get", "nodes", name="n\ufffd", version="v1")),
        ("/api/v1/nodes/caf%C3%A9+x", Request("get", "nodes", name="café+x", version="v1")),
        ("/api/v1/nodes/é", Request("get", "nodes", name="é", version="v1")),
        ("https://host:6443/api/v1/pods?watch=1#top", Request("watch", "pods", version="v1")),
        ("https://host", Request("get", path="/")),
        ("https://host?x=1", Request("get", path="/")),
        ("*", Request("get", path="*")),
    ],
)
def test_get_of_a_path(path: str, expected: Request) -> None:
    """Table RI-A, resource rows, and decoding: paths are not cleaned, escapes are decoded before the split (RI-03, RI-04, RI-07, RI-09)."""
    assert request_from_http("GET", path) == expected


RI_B = """
GET /api/v1/namespaces | list | /v1 | | namespaces | |
GET /api/v1/namespaces/other | get | /v1 | other | namespaces | | other
PUT /api/v1/namespaces/other/finalize | update | /v1 | other | namespaces | finalize | other
PUT /api/v1/namespaces/other/status | update | /v1 | other | namespaces | status | other
GET /api/v1/namespaces/other/status/x | get | /v1 | other | namespaces | status | other
GET /api/v1/namespaces/other/pods | list | /v1 | other | pods | |
HEAD /api/v1/namespaces/other/pods/foo | get | /v1 | other | pods | | foo
HEAD /api/v1/pods | list | /v1 | | pods | |
GET /api/v1/namespaces/other/pods/foo/status | get | /v1 | other | pods | status | foo
GET /api/v1/namespaces/other/pods/foo/proxy/subpath/x | get | /v1 | other | pods | proxy | foo
POST /apis/extensions/v1beta3/namespaces/other/pods | create | extensions/v1beta3 | other | pods | |
PATCH /api/v1/namespaces/other/pods/foo | patch | /v1 | other | pods | | foo
DELETE /api/v1/namespaces/other/pods/foo | delete | /v1 | other | pods | | foo
DELETE /api/v1/nodes | deletecollection | /v1 | | nodes | |
DELETE /api/v1/namespaces | deletecollection | /v1 | | namespaces | |
DELETE /apis/extensions/v1/namespaces/other/pods | deletecollection | extensions/v1 | other | pods | |
GET /api/v1/namespaces//pods | list | /v1 | | pods | |
GET /api/v1/namespaces/ns/pods//log | list | /v1 | ns | pods | log |
GET /apis/g/v1/namespaces/ns | get | g/v1 | ns | namespaces | | ns
OPTIONS /api/v1/namespaces/ns/services/s/proxy | | /v1 | ns | services | proxy | s
POST /api/v1/namespaces/ns/pods/foo/binding | create | /v1 | ns | pods | binding | foo
PUT /api/v1/pods | update | /v1 | | pods | |
get /api/v1/pods/x | | /v1 | | pods | | x
GET /api/v1/namespaces/ns/services/https:web:443/proxy | get | /v1 | ns | services | proxy | https:web:443
GET /api/v1/watch/pods | watch | /v1 | | pods | |
GET /api/v1/watch/namespaces/other/pods | watch | /v1 | other | pods | |
GET /api/v1/watch/namespaces/ns1 | watch | /v1 | ns1 | namespaces | | ns1
DELETE /api/v1/watch/pods/x | watch | /v1 | | pods | | x
GET /api/v1/proxy/namespaces/other/pods/foo/subpath/not/a/subresource | proxy | /v1 | other | pods | | foo
GET /api/v1/proxy/namespaces/ns/status | proxy | /v1 | ns | namespaces | | ns
GET /api/v1/proxy/namespaces/ns | proxy | /v1 | ns | namespaces | | ns
"""


@pytest.mark.parametrize("row", RI_B.strip().splitlines())
def test_verb_namespace_resource_name(row: str) -> None:
    """Table RI-B and the path rows of RI-C, with RI-12, RI-14, RI-15, RI-21, RI-31 and RI-32."""
    line, verb, version, namespace, resource, subresource, name = (cell.strip() for cell in row.split("|"))
    group, _, version = version.partition("/")
    assert resolve(line) == Request(verb, resource, group, subresource, namespace, name, version=version)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "Get"])
def test_verb_of_non_resource_requests(method: str) -> None:
    """Without a resource the verb is the method in lower case (RI-13, RI-35)."""
    assert request_from_http(method, "/version") == Request(method.lower(), path="/version")


RI_C = """
GET /api/v1/pods?watch=true | watch | | |
GET /api/v1/pods?watch=false | list | | |
GET /api/v1/pods?watch=0 | list | | |
GET /api/v1/pods?watch=FALSE | list | | |
GET /api/v1/pods?watch | watch | | |
GET /api/v1/pods?watch= | watch | | |
GET /api/v1/pods?watch=1 | watch | | |
GET /api/v1/pods?watch=no | watch | | |
GET /api/v1/pods?watch=false&watch=true | list | | |
GET /apis/group/version/resource?fieldSelector=metadata.name=name1 | list | name1 | metadata.name=name1 |
GET /apis/group/version/resource?fieldSelector=metadata.name=name1&watch=true | watch | name1 | metadata.name=name1 |
GET /apis/group/version/resource?fieldSelector=foo=bar&labelSelector=baz=qux | list | | foo=bar | baz=qux
GET /apis/group/version/resource?fieldSelector=metadata.name=name1,foo | list | | metadata.name=name1,foo |
GET /apis/group/version/resource?fieldSelector=metadata.name=name1,foo&watch=true | watch | | metadata.name=name1,foo |
GET /apis/group/version/resource?fieldSelector=metadata.name=name1,foo&watch=false | list | | metadata.name=name1,foo |
GET /apis/g/v1/r?fieldSelector=metadata.name=foo&fieldSelector=metadata.name=bar | list | foo | metadata.name=foo |
GET /apis/g/v1/r?labelSelector=foo=bar&labelSelector=foo=baz | list | | | foo=bar
GET /apis/group/version/resource?fieldSelector=metadata.name=a%252Fb | list | | metadata.name=a%2Fb |
GET /apis/group/version/resource?limit=&fieldSelector=metadata.name=x | list | | metadata.name=x |
GET /apis/group/version/resource?limit=5&timeoutSeconds=-1&fieldSelector=metadata.name=x | list | x | metadata.name=x |
GET /apis/group/version/resource?limit=9223372036854775808&fieldSelector=metadata.name=x | list | | metadata.name=x |
GET /apis/group/version/resource?timeoutSeconds=1s&fieldSelector=metadata.name=x | list | | metadata.name=x |
GET /apis/group/version/resource/name?fieldSelector=foo=bar&labelSelector=foo=bar | get | name | |
DELETE /apis/group/version/resource?fieldSelector=foo=bar&labelSelector=baz=qux | deletecollection | | foo=bar | baz=qux
DELETE /apis/group/version/resource?fieldSelector=metadata.name=x | deletecollection | | metadata.name=x |
GET /apis/group/version/watch/resource?fieldSelector=metadata.name=foo&labelSelector=foo=bar | watch | | |
GET /apis/group/version/watch/resource/name?fieldSelector=metadata.name=foo | watch | name | |
GET /api/v1/pods?fieldSelector=metadata.name=b,metadata.name=a | list | a | metadata.name=b,metadata.name=a |
GET /api/v1/pods?fieldSelector=metadata.name=a,metadata.name==b | list | b | metadata.name=a,metadata.name==b |
GET /api/v1/pods?fieldSelector=metadata.name=..,metadata.name=a | list | | metadata.name=..,metadata.name=a |
GET /api/v1/namespaces?fieldSelector=metadata.name=foo | list | foo | metadata.name=foo |
GET /api/v1/pods?labelSelector=a==b==c&fieldSelector=metadata.name=x | list | | metadata.name=x | a==b==c
GET /api/v1/pods?watch=%zz | list | | |
GET /api/v1/pods?watch;x=1 | list | | |
GET /api/v1/pods?%77atch=1 | watch | | |
GET /api/v1/pods?labelSelector=a+in+(b) | list | | | a in (b)
"""


@pytest.mark.parametrize("row", RI_C.strip().splitlines())
def test_list_watch_and_selectors(row: str) -> None:
    """Table RI-C: list or watch, name from the field selector, selectors as they stood (RI-22 to RI-31)."""
    line, verb, name, field_selector, label_selector = (cell.strip() for cell in row.split("|"))
    found = attributes_from_http(*parse_http_line(line))
    assert (found.request.verb, found.request.name) == (verb, name)
    assert (found.field_selector, found.label_selector) == (field_selector, label_selector)
    assert found.request.namespace == ""  # RI-26


def test_query_selectors_are_parsed_and_sorted() -> None:
    """Table WH-A, query rows: requirements arrive sorted (WH-05)."""
    found = resolve("GET /api/v1/pods?fieldSelector=spec.nodeName=mynode,metadata.name!=b,metadata.name!=a")
    assert found.field_selector == (
        FieldRequirement("metadata.name", "!=", "a"),
        FieldRequirement("metadata.name", "!=", "b"),
        FieldRequirement("spec.nodeName", "=", "mynode"),
    )
    found = resolve("GET /api/v1/pods?labelSelector=testselector%20in%20(b,a),allow=true")
    assert found.label_selector == (LabelRequirement("allow", "=", ("true",)), LabelRequirement("testselector", "in", ("a", "b")))


def test_bad_selectors_broaden_the_request() -> None:
    """A selector that cannot be parsed leaves no requirements and no note: there is no review to note it in (ATTR-03, SEL-11)."""
    found = resolve("GET /api/v1/pods?fieldSelector=bogus&labelSelector=,")
    assert (found.field_selector, found.label_selector, found.selector_notes) == ((), (), ())


def test_identity_is_carried() -> None:
    """Whoever asks is put into the request as given (ATTR-02)."""
    found = request_from_http("GET", "/version", user="bob", groups=("devs",), uid="7", extra={"scopes": ("a",)})
    assert found == Request("get", path="/version", user="bob", groups=("devs",), uid="7", extra={"scopes": ("a",)})


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("/api/v1/watch", "/api/v1/watch"),
        ("/apis/g/v1/proxy/?a=b&c=%20", "/apis/g/v1/proxy/?a=b&c=%20"),
        ("/api/v%31/watch?", "/api/v%31/watch?"),
        ("/api/é(/watch", "/api/%C3%A9%28/watch"),
        ("/api/(/watch", "/api/(/watch"),
        ("https://host/api/v1/watch", "/api/v1/watch"),
        ("/api/v1/watch//", "/api/v1/watch//"),
    ],
)
def test_special_verb_with_nothing_behind(target: str, url: str) -> None:
    """The one error of the resolver, with the URL as Go prints it (RI-11)."""
    with pytest.raises(RequestError) as caught:
        attributes_from_http("GET", target)
    assert caught.value.message == f"unable to determine kind and namespace from url, {url}"


@pytest.mark.parametrize(
    ("method", "target", "message"),
    [
        ("GET", "/a%zz", '400 Bad Request: invalid URL escape "%zz"'),
        ("GET", "/a%4", '400 Bad Request: invalid URL escape "%4"'),
        ("GET", "/%", '400 Bad Request: invalid URL escape "%"'),
        ("GET", "/a b", "400 Bad Request: a space in the path"),
        ("GET", "/a\x00", "400 Bad Request: net/url: invalid control character in URL"),
        ("GET", "/a?\x7f", "400 Bad Request: net/url: invalid control character in URL"),
        ("GET", "api/v1/pods", "400 Bad Request: invalid URI for request"),
        ("GET", "/\ud800", "400 Bad Request: the path is not text"),
        ("G T", "/", '400 Bad Request: invalid method "G T"'),
        ("", "/", '400 Bad Request: invalid method ""'),
        ("OPTIONS", "*", "the HTTP server answers OPTIONS * itself: nobody is authorized for it"),
    ],
)
def test_refused_before_resolution(method: str, target: str, message: str) -> None:
    """What Go's HTTP server refuses or answers itself never reaches authorization."""
    with pytest.raises(RequestError) as caught:
        attributes_from_http(method, target)
    assert caught.value.message == message


@pytest.mark.parametrize("target", ["host:443", "host:443/"])
def test_connect_to_an_authority(target: str) -> None:
    """CONNECT names host and port, and so no path."""
    assert request_from_http("CONNECT", target) == Request("connect", path=target.removeprefix("host:443"))


def test_request_lines() -> None:
    """A line as HTTP writes it, or a person: the protocol may be missing, the method stays as written (RI-12)."""
    assert parse_http_line("GET /api/v1/pods?watch=1 HTTP/1.1\r\n") == ("GET", "/api/v1/pods?watch=1")
    assert parse_http_line("  get https://host/healthz") == ("get", "https://host/healthz")
    for bad in ("", "/api/v1/pods", "GET /a b", "GET /a HTTP/x"):
        with pytest.raises(RequestError, match="not a request line"):
            parse_http_line(bad)


def test_recorded_requests() -> None:
    """Verb and objectRef of every recorded request are those of the server's audit log; its errors are ours."""
    for file in sorted(CONFORMANCE.glob("http-*/http.jsonl")):
        for line in file.read_text().splitlines():
            row = json.loads(line)
            if "verb" not in row:
                with pytest.raises(RequestError, match="unable to determine kind and namespace from url"):
                    attributes_from_http(row["method"], row["path"])
                continue
            found = attributes_from_http(row["method"], row["path"]).request
            assert found.verb == row["verb"], row
            assert audit_reference(found) == row["objectRef"], row


def audit_reference(request: Request) -> dict[str, str] | None:
    if request.path is not None:
        return None
    fields = {"resource": request.resource, "namespace": request.namespace, "name": request.name, "apiGroup": request.api_group}
    fields |= {"apiVersion": request.version, "subresource": request.subresource}
    return {key: value for key, value in fields.items() if value}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["GET", "DELETE", "x"]) | st.text(max_size=4), st.text(max_size=30).map("/api/v1/".__add__) | st.text(max_size=30))
@example("GET", "/api/v1/pods?fieldSelector=\\")
@example("GET", "/api/v1/pods?limit=" + "9" * 5000)
def test_any_request_resolves_or_is_refused(method: str, target: str) -> None:
    """Whatever is sent, there is an answer or a ``RequestError``, and the answer can be written down."""
    try:
        found = attributes_from_http(method, target)
    except RequestError:
        return
    assert repr(found).encode()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_line_is_read_or_refused(line: str) -> None:
    """A line is two words or a ``RequestError``."""
    try:
        method, target = parse_http_line(line)
    except RequestError:
        return
    assert line.split()[:2] == [method, target]

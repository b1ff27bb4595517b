"""The ABAC authorizer over files as people write them, held together with the plain reference (ABAC-16 to ABAC-26)."""

from __future__ import annotations

import json

import pytest

from rbaclens.authorizers.abac import AbacAuthorizer
from rbaclens.authorizers.reference.abac import decide_abac
from rbaclens.model.decision import Verdict
from rbaclens.model.request import FieldRequirement, Request
from rbaclens.sources.abac import read_abac

AUTHENTICATED, ANONYMOUS = "system:authenticated", "system:unauthenticated"


def v0(*lines):
    """The policies of a file in the v0 format."""
    return read_abac("\n".join(json.dumps(line) for line in lines).encode(), "policy.jsonl")


def v1beta1(*specs):
    """The policies of a file in the v1beta1 format."""
    head = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}
    return v0(*({**head, "spec": spec} for spec in specs))


def asked(policies, request):
    """The opinion of the authorizer, which is the reference's to the last field."""
    opinion = AbacAuthorizer(policies).authorize(request)
    assert opinion == decide_abac(policies, request)
    return opinion


def allows(policies, request):
    opinion = asked(policies, request)
    assert opinion.verdict in (Verdict.ALLOW, Verdict.NO_OPINION)
    assert (opinion.reason, opinion.error) == ("" if opinion.verdict is Verdict.ALLOW else "No policy matched.", "")
    return opinion.verdict is Verdict.ALLOW


def resource(user, verb, name, namespace="", api_group="", groups=(AUTHENTICATED,)):
    return Request(verb, name, api_group, namespace=namespace, user=user, groups=groups)


def path(user, verb, url, groups=(AUTHENTICATED,)):
    return Request(verb, path=url, user=user, groups=groups)


OLD = v0(
    {"readonly": True, "resource": "events"},
    {"user": "scheduler", "readonly": True, "resource": "pods"},
    {"user": "scheduler", "resource": "bindings"},
    {"user": "kubelet", "readonly": True, "resource": "bindings"},
    {"user": "kubelet", "resource": "events"},
    {"user": "alice", "namespace": "projectCaribou"},
    {"user": "bob", "readonly": True, "namespace": "projectCaribou"},
)


@pytest.mark.parametrize(
    ("request_", "allowed"),
    [
        (resource("scheduler", "list", "pods", "ns1"), True),
        (resource("scheduler", "list", "pods"), True),
        (resource("scheduler", "create", "pods", "ns1"), False),
        (resource("scheduler", "create", "pods"), False),
        (resource("scheduler", "get", "bindings", "ns1"), True),
        (resource("scheduler", "get", "bindings"), True),
        (resource("alice", "get", "pods", "projectCaribou"), True),
        (resource("alice", "get", "widgets", "projectCaribou"), True),
        (resource("alice", "get", "", "projectCaribou"), True),
        (resource("alice", "update", "pods", "projectCaribou"), True),
        (resource("alice", "update", "widgets", "projectCaribou"), True),
        (resource("alice", "update", "", "projectCaribou"), True),
        (resource("alice", "update", "foo", "projectCaribou", "bar"), True),
        (resource("alice", "get", "pods", "ns1"), False),
        (resource("chuck", "get", "events", "ns1"), True),
        (resource("chuck", "get", "events"), True),
        (resource("chuck", "update", "events", "ns1"), False),
        (resource("chuck", "get", "pods", "ns1"), False),
        (resource("chuck", "get", "floop", "ns1"), False),
        (path("chuck", "get", "/"), False),
        (resource("bob", "get", "pods", "projectCaribou"), True),
        (resource("bob", "update", "pods", "projectCaribou"), False),
        (resource("alice", "get", "pods"), False),  # ABAC-22
    ],
)
def test_a_file_in_the_old_format(request_, allowed):
    """Table ABAC-B (ABAC-16 to ABAC-22)."""
    assert allows(OLD, request_) is allowed


NEW = v1beta1(
    {"user": "*", "readonly": True, "nonResourcePath": "/api"},
    {"user": "*", "nonResourcePath": "/custom"},
    {"user": "*", "nonResourcePath": "/root/*"},
    {"user": "noresource", "nonResourcePath": "*"},
    {"user": "*", "readonly": True, "resource": "events", "namespace": "*"},
    {"user": "debbie", "resource": "pods", "namespace": "projectCaribou"},
    {"user": "apigroupuser", "resource": "*", "namespace": "projectAnyGroup", "apiGroup": "*"},
    {"user": "apigroupuser", "resource": "*", "namespace": "projectEmptyGroup"},
    {"user": "apigroupuser", "resource": "*", "namespace": "projectXGroup", "apiGroup": "x"},
)
EMPTY_SPEC = v1beta1({})
UNDER_API = v1beta1({"user": "*", "nonResourcePath": "/api/*"})
ONLY_FOO = v1beta1({"user": "foo"})


@pytest.mark.parametrize(
    ("policies", "request_", "allowed"),
    [
        (NEW, path("chuck", "get", "/api"), True),
        (NEW, path("chuck", "create", "/api"), False),
        (NEW, path("chuck", "head", "/api"), False),  # ABAC-19, ATTR-04
        (NEW, path("chuck", "update", "/custom"), True),
        (NEW, path("chuck", "get", "/root"), False),
        (NEW, path("chuck", "get", "/root/"), True),
        (NEW, path("chuck", "get", "/root/test/1/2/3"), True),
        (NEW, path("noresource", "get", ""), True),
        (NEW, path("noresource", "get", "/"), True),
        (NEW, path("noresource", "get", "/foo/bar/baz"), True),
        (NEW, resource("noresource", "get", "", "bar"), False),
        (NEW, resource("apigroupuser", "get", "foo", "projectAnyGroup", "x"), True),
        (NEW, resource("apigroupuser", "get", "foo", "projectXGroup", "x"), True),
        (NEW, resource("apigroupuser", "get", "foo", "projectEmptyGroup", "x"), False),
        (NEW, resource("apigroupuser", "get", "foo", "projectEmptyGroup"), True),
        (NEW, resource("debbie", "update", "pods", "projectCaribou"), True),
        (NEW, resource("chuck", "get", "events", "ns1"), True),
        (NEW, resource("chuck", "get", "events"), True),
        (NEW, resource("chuck", "get", "events", "ns1", groups=()), False),
        (EMPTY_SPEC, resource("foo", "get", "pods", "ns"), False),
        (EMPTY_SPEC, resource("foo", "", ""), False),
        (EMPTY_SPEC, path("foo", "get", ""), False),
        (UNDER_API, path("foo", "get", "/api2/foo"), False),
        (UNDER_API, path("foo", "get", "/api/foo"), True),
        (ONLY_FOO, resource("foo", "", ""), True),
        (ONLY_FOO, resource("foo", "get", "pods"), False),
        (v0({"user": "foo"}), path("foo", "", ""), True),
        (v0({"readonly": True}), path("foo", "get", "/x"), True),
        (v0({"readonly": True}), path("foo", "post", "/x"), False),
    ],
)
def test_a_file_in_the_new_format(policies, request_, allowed):
    """Table ABAC-C: empty fields equal empty ones only, paths have prefixes, each part serves its own kind (ABAC-20 to ABAC-24)."""
    assert allows(policies, request_) is allowed


FOO, BAR, NOBODY = ("Foo", (AUTHENTICATED,)), ("Bar", (AUTHENTICATED,)), ("system:anonymous", (ANONYMOUS,))
ANY_V1BETA1 = {"namespace": "*", "resource": "*", "apiGroup": "*", "nonResourcePath": "*"}


@pytest.mark.parametrize("form", ["v0", "v1beta1"])
@pytest.mark.parametrize(
    ("user", "group", "who", "matches"),
    [
        ("", "", FOO, {"v0": True, "v1beta1": False}),
        ("", "", NOBODY, {"v0": False, "v1beta1": False}),
        ("*", "", ("Foo", ("a", AUTHENTICATED)), True),
        ("", "*", ("Foo", ("a", AUTHENTICATED)), True),
        ("*", "", NOBODY, False),
        ("", "*", NOBODY, False),
        ("*", "admins", FOO, True),  # ABAC-12, ABAC-14: the other field is lost
        ("Foo", "", FOO, True),
        ("Foo", "", BAR, False),
        ("Foo", "", ("foo", (AUTHENTICATED,)), False),
        ("Foo", "", ("Foobar", (AUTHENTICATED,)), False),
        ("", "Foo", ("Bar", ("foo",)), False),
        ("", "Foo", ("Bar", ("Foobar",)), False),
        ("", "Foo", ("Bar", ("Foo",)), True),
        ("", "b", ("Foo", ("a", "b")), True),
        ("Foo", "a", ("Foo", ("a",)), True),
        ("Foo", "a", ("Foo", ("b",)), False),
        ("Foo", "a", ("Bar", ("a",)), False),
        ("system:anonymous", "", NOBODY, True),
        ("", ANONYMOUS, NOBODY, True),
    ],
)
def test_subjects(form, user, group, who, matches):
    """Table ABAC-D, on resources and on paths (ABAC-15, ABAC-18)."""
    fields = {key: value for key, value in (("user", user), ("group", group)) if value}
    policies = v0(fields) if form == "v0" else v1beta1(fields | ANY_V1BETA1)
    wanted = matches if isinstance(matches, bool) else matches[form]
    assert allows(policies, resource(who[0], "create", "pods", "ns", groups=who[1])) is wanted
    assert allows(policies, path(who[0], "post", "/x", groups=who[1])) is wanted


def test_the_first_line_that_matches_is_named():
    """ABAC-16: file order, and the line is the evidence."""
    policies = v0({"user": "eve"}, {"user": "bob", "readonly": True}, {"user": "bob"})
    assert asked(policies, resource("bob", "get", "pods")).evidence.policy.line == 2
    assert asked(policies, resource("bob", "create", "pods")).evidence.policy.line == 3
    assert [policy.line for policy in AbacAuthorizer(policies).matches(resource("bob", "get", "pods"))] == [2, 3]
    assert not allows((), resource("bob", "get", "pods"))


def test_what_does_not_count():
    """Subresource and name (ABAC-21), version, selectors, uid and extra (ABAC-25) change no answer; case does (ABAC-25)."""
    policies = v1beta1({"user": "bob", "namespace": "ns", "resource": "pods"})
    for more in (
        {"subresource": "exec"},
        {"name": "web"},
        {"version": "v7"},
        {"uid": "1", "extra": {"scopes": ("none",)}},
        {"field_selector": (FieldRequirement("spec.nodeName", "=", "n1"),)},
    ):
        assert allows(policies, Request("create", "pods", namespace="ns", user="bob", groups=(AUTHENTICATED,), **more))
    assert not allows(policies, resource("bob", "get", "Pods", "ns"))
    assert not allows(policies, resource("bob", "get", "pods/exec", "ns"))


def test_a_line_may_speak_of_resources_and_paths():
    """ABAC-24, ABAC-26: the kind of the request decides which part counts, even where its resource is empty."""
    policies = v1beta1({"user": "bob", "resource": "pods", "nonResourcePath": "/metrics"})
    assert allows(policies, resource("bob", "get", "pods"))
    assert allows(policies, path("bob", "get", "/metrics"))
    assert not allows(policies, path("bob", "get", "pods"))
    assert not allows(policies, resource("bob", "get", ""))
    assert not allows(v1beta1({"user": "bob", "nonResourcePath": "*"}), resource("bob", "get", "", "ns"))

"""RL3505: a key in an ABAC line that the API server ignores."""

import json

import pytest
from audit_rules import found

HEAD = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}
SPEC = {"user": "bob", "group": "ops", "namespace": "shop", "resource": "pods", "apiGroup": "", "readonly": True, "nonResourcePath": "/x"}


def _keys(line):
    return [(one.message.split('"')[1], one.severity.title) for one in found("RL3505", abac=line)]


@pytest.mark.parametrize("key", ["verb", "verbs", "name", "resourceName", "subresource", "apiGroups", "User", "namespaces", "readOnly"])
def test_narrowing_keys_are_errors(key):
    """What looks like a restriction and is none is an error; keys are compared in their case (ABAC-08)."""
    assert _keys(json.dumps(HEAD | {"spec": SPEC | {key: "get"}})) == [(key, "High")]


def test_other_keys_are_notes():
    """A remark in a line is harmless."""
    assert _keys(json.dumps(HEAD | {"spec": SPEC | {"comment": "for Bob"}})) == [("comment", "Info")]


def test_keys_beside_spec():
    """The versioned format reads its spec alone (ABAC-11)."""
    assert _keys(json.dumps(HEAD | {"spec": SPEC, "readonly": True})) == [("readonly", "High")]


@pytest.mark.parametrize("key", ["apiGroup", "nonResourcePath"])
def test_legacy_lines_know_fewer_keys(key):
    """The v0 format has neither apiGroup nor nonResourcePath (ABAC-10)."""
    assert _keys(json.dumps({"user": "bob", "resource": "pods", key: "x"})) == [(key, "High")]


def test_several_keys_are_several_findings():
    """Each key has its own finding and fingerprint."""
    assert len(_keys(json.dumps(HEAD | {"spec": SPEC | {"verb": "get", "name": "web"}}))) == 2


@pytest.mark.parametrize("line", [json.dumps(HEAD | {"spec": SPEC}), '{"user": "bob", "readonly": true}', "user: bob", "null", "---"])
def test_known_keys_are_clean(line):
    """A line of known keys is fine, in YAML too (ABAC-09)."""
    assert _keys(line) == []


def test_yaml_lines_are_read():
    """A line of YAML is looked at like one of JSON (ABAC-09)."""
    assert _keys("'{user': bob") == [("{user", "Info")]
    assert _keys("verb: get") == [("verb", "High")]

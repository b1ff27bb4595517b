"""RL3512: an ABAC line for every path."""

import pytest
from audit_rules import found

HEAD = '"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"'


def _found(path, who='"user": "bob"', more=""):
    return found("RL3512", abac=f'{{{HEAD}, "spec": {{{who}, "nonResourcePath": "{path}"{more}}}}}')


@pytest.mark.parametrize("path", ["*", "/*", "**"])
def test_every_path(path):
    """A star alone or behind the first slash is every path (ABAC-23)."""
    (one,) = _found(path)
    assert "every HTTP method" in one.message


@pytest.mark.parametrize("path", ["", "/", "/metrics", "/metrics/*", "/*/x"])
def test_narrower_paths(path):
    """Exact paths, longer prefixes, and a star in the middle."""
    assert _found(path) == ()


def test_read_only_and_nobody():
    """Reading is reported as reading; a line for nobody is none."""
    assert "may read every path" in _found("*", more=', "readonly": true')[0].message
    assert _found("*", who='"user": ""') == ()


@pytest.mark.parametrize(("line", "count"), [('{"user": "bob"}', 1), ('{"user": "bob", "resource": "pods"}', 0)])
def test_legacy_lines(line, count):
    """A v0 line without namespace and resource is for every path (ABAC-13)."""
    assert len(found("RL3512", abac=line)) == count

"""What an AuthenticationConfiguration says about anonymous requests."""

import json

import pytest

from rbaclens.errors import PolicyFileError
from rbaclens.model.anonymous import AnonymousAccess
from rbaclens.sources.authentication_config import load_anonymous_access

HEAD = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration"}


def _read(tmp_path, document):
    file = tmp_path / "authn.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    return load_anonymous_access(str(file))


@pytest.mark.parametrize(
    ("anonymous", "enabled", "paths"),
    [
        ({"enabled": True}, True, ()),
        ({"enabled": False}, False, ()),
        ({}, False, ()),
        ({"enabled": True, "conditions": []}, True, ()),
        ({"enabled": True, "conditions": [{"path": "/livez"}, {"path": "/readyz"}]}, True, ("/livez", "/readyz")),
    ],
)
def test_what_it_says(tmp_path, anonymous, enabled, paths):
    """Whether anonymous requests are taken, and where; the file goes with it."""
    assert _read(tmp_path, {**HEAD, "jwt": [], "anonymous": anonymous}) == AnonymousAccess(enabled, paths, str(tmp_path / "authn.json"))


def test_a_file_that_leaves_it_to_the_flag(tmp_path):
    """Without the field nothing is known."""
    assert _read(tmp_path, HEAD) is None
    assert _read(tmp_path, {**HEAD, "apiVersion": "apiserver.config.k8s.io/v1beta1", "anonymous": None}) is None


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "is no AuthenticationConfiguration"),
        ("[]", "is no AuthenticationConfiguration"),
        ({**HEAD, "kind": "AuthorizationConfiguration"}, "is no AuthenticationConfiguration"),
        ({**HEAD, "apiVersion": 1}, "is no AuthenticationConfiguration"),
        ("{", "json parse error"),
        ("a: [", "YAML"),
        ({**HEAD, "anonymous": True}, "anonymous: expected an object"),
        ({**HEAD, "anonymous": {"enabled": "yes"}}, "anonymous.enabled: expected true or false"),
        ({**HEAD, "anonymous": {"enabled": True, "conditions": {}}}, "anonymous.conditions: expected a list"),
        ({**HEAD, "anonymous": {"enabled": True, "conditions": ["/livez"]}}, "anonymous.conditions[0]: expected an object"),
        ({**HEAD, "anonymous": {"enabled": True, "conditions": [{}]}}, "every condition needs a path"),
        ({**HEAD, "anonymous": {"conditions": [{"path": "/livez"}]}}, "nothing is limited"),
    ],
)
def test_other_files_are_errors(tmp_path, document, words):
    """With the file's name and what was expected."""
    with pytest.raises(PolicyFileError) as caught:
        _read(tmp_path, document)
    assert str(caught.value).startswith(str(tmp_path / "authn.json"))
    assert words in str(caught.value)


def test_files_that_cannot_be_read(tmp_path):
    """A file that is not there, and one that is no text."""
    with pytest.raises(PolicyFileError, match="no such file"):
        load_anonymous_access(str(tmp_path / "none.yaml"))
    (tmp_path / "bad.yaml").write_bytes(b"\xff")
    with pytest.raises(PolicyFileError, match="not UTF-8"):
        load_anonymous_access(str(tmp_path / "bad.yaml"))

"""From the words of a question to the request of a real client."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbaclens.errors import UnknownNameError, UsageError
from rbaclens.model.request import Request
from rbaclens.requests.resources import ResourceCatalogue
from rbaclens.requests.words import request_from_words

CATALOGUE = ResourceCatalogue()


def ask(verb, target, name="", **options):
    return request_from_words(verb, target, name, catalogue=CATALOGUE, **options)


def test_a_plain_question():
    """All fields of the request come from the words, and nothing about the user does."""
    phrase = ask("list", "deploy", namespace="demo")
    assert phrase.request == Request("list", "deployments", "apps", namespace="demo", version="v1")
    assert phrase.notes == ()


@pytest.mark.parametrize("words", [("pods/web-0",), ("pods", "web-0"), ("pod/web-0",), ("po", "web-0")])
def test_a_name_is_written_in_two_ways(words):
    """TYPE/NAME and TYPE NAME are the same (SSRR-09)."""
    request = ask("get", *words, namespace="demo").request
    assert (request.combined, request.name) == ("pods", "web-0")


def test_a_subresource_is_written_in_two_ways():
    """pods/log NAME, and --subresource log with either form of the name."""
    expected = Request("get", "pods", "", "log", "demo", "web-0", version="v1")
    assert ask("get", "pods/log", "web-0", namespace="demo").request == expected
    assert ask("get", "pods/web-0", subresource="log", namespace="demo").request == expected
    assert ask("get", "pods", "web-0", subresource="log", namespace="demo").request == expected


def test_a_name_given_twice_is_refused():
    """TYPE/NAME NAME says two things at once."""
    with pytest.raises(UsageError, match="given twice"):
        ask("get", "pods/web-0", "web-1")


@pytest.mark.parametrize(
    ("target", "options", "namespace", "note"),
    [
        ("pods", {"namespace": "demo"}, "demo", None),
        ("pods", {}, "default", "no namespace was given"),
        ("pods", {"all_namespaces": True}, "", None),
        ("pods", {"all_namespaces": True, "namespace": "demo"}, "", '"demo" was dropped'),
        ("nodes", {"namespace": "demo"}, "", "nodes is cluster-scoped"),
        ("nodes", {}, "", None),
        ("nodes", {"all_namespaces": True}, "", None),
        ("namespaces", {"namespace": "demo"}, "", "cluster-scoped"),
        ("*", {}, "default", "whether * is namespaced is not known"),
        ("*", {"namespace": "demo"}, "demo", None),
        ("*", {"all_namespaces": True}, "", None),
        ("pods", {"namespace": ""}, "", None),
    ],
)
def test_the_namespace_is_that_of_a_real_request(target, options, namespace, note):
    """kubectl's default, dropped where the resource is cluster-scoped, and never changed silently."""
    phrase = ask("list", target, **options)
    assert phrase.request.namespace == namespace
    assert (note in " ".join(phrase.notes)) if note else phrase.notes == ()


@pytest.mark.parametrize("options", [{}, {"namespace": "other"}, {"all_namespaces": True}])
def test_a_request_on_one_namespace_stands_inside_it(options):
    """RI-20: RoleBindings in the namespace apply to requests on the namespace object."""
    phrase = ask("get", "ns", "demo", **options)
    assert (phrase.request.namespace, phrase.request.name) == ("demo", "demo")
    assert "RoleBindings in demo count" in " ".join(phrase.notes)


@pytest.mark.parametrize("verb", ["create", "list", "watch", "deletecollection"])
def test_requests_on_all_namespaces_stand_outside(verb):
    """RI-26: the namespace never comes from a selector, and a create has no name in its URL."""
    assert ask(verb, "ns", "demo").request.namespace == ""


@pytest.mark.parametrize(
    ("verb", "target", "note"),
    [
        ("create", "pods", "rules with resourceNames never allow it"),
        ("list", "pods", "field selector metadata.name"),
        ("watch", "pods", "field selector metadata.name"),
        ("deletecollection", "pods", "never carries a name"),
        ("get", "pods", None),
        ("delete", "pods", None),
        ("create", "pods/exec", None),
        ("create", "serviceaccounts/token", None),
    ],
)
def test_a_name_where_real_requests_have_none_is_noted(verb, target, note):
    """The name stays as asked; the note says what a real request would carry (RBAC-16, RI-14)."""
    phrase = ask(verb, target, "x", namespace="demo")
    assert phrase.request.name == "x"
    assert (note in " ".join(phrase.notes)) if note else phrase.notes == ()


def test_get_without_a_name_is_noted():
    """A GET without a name is a list (RI-22)."""
    assert "a real GET without a name is a list" in ask("get", "pods", namespace="demo").notes[0]
    assert ask("get", "*", namespace="demo").notes == ()


@pytest.mark.parametrize(
    ("verb", "target", "options", "path", "notes"),
    [
        ("get", "/healthz", {}, "/healthz", 0),
        ("get", "/healthz/", {}, "/healthz/", 0),
        ("head", "/healthz/*", {}, "/healthz/*", 0),
        ("get", "/logs?tail=1", {}, "/logs", 1),
        ("get", "/metrics", {"namespace": "demo"}, "/metrics", 1),
        ("get", "/metrics", {"all_namespaces": True}, "/metrics", 0),
        ("get", "/api/v1", {}, "/api/v1", 0),
        ("get", "/api/v1/pods", {}, "/api/v1/pods", 1),
        ("get", "/apis/apps/v1", {}, "/apis/apps/v1", 0),
        ("get", "/apis/apps/v1/deployments", {}, "/apis/apps/v1/deployments", 1),
        ("list", "/healthz", {}, "/healthz", 1),
    ],
)
def test_a_target_with_a_slash_first_is_a_path(verb, target, options, path, notes):
    """Non-resource requests have a verb and a path, and nothing else (RI-02, RI-07, RI-13)."""
    phrase = ask(verb, target, **options)
    assert phrase.request == Request(verb, path=path)
    assert len(phrase.notes) == notes


@pytest.mark.parametrize("options", [{"name": "x"}, {"subresource": "log"}])
def test_a_path_has_neither_name_nor_subresource(options):
    """Such words do not fit together."""
    with pytest.raises(UsageError, match="neither a name nor a subresource"):
        ask("get", "/healthz", **options)


def test_impersonation_is_asked_where_the_server_asks_it():
    """The constrained verbs in authentication.k8s.io, the legacy one in the core group (ESC-41, ESC-47c)."""
    assert ask("impersonate", "users", "alice").request.api_group == ""
    constrained = ask("impersonate:user-info", "users", "alice")
    assert constrained.request.api_group == "authentication.k8s.io"
    assert "authentication.k8s.io" in constrained.notes[0]
    assert ask("impersonate:serviceaccount", "serviceaccounts", "sa", namespace="demo").request.namespace == "demo"
    assert ask("impersonate:user-info", "users.authentication.k8s.io", "alice").notes == ()
    assert ask("impersonate", "userextras/scopes", "dev").request.combined == "userextras/scopes"
    signer = ask("approve", "signers", "example.com/a").request
    assert (signer.api_group, signer.name, signer.namespace) == ("certificates.k8s.io", "example.com/a", "")


def test_a_token_audience_stands_where_a_resource_stands():
    """ESC-50: the audience is taken verbatim, slashes and dots included."""
    request = ask("request-serviceaccounts-token-audience", "https://sts.example.com/x", "sa", namespace="demo").request
    assert (request.resource, request.api_group, request.name) == ("https://sts.example.com/x", "", "sa")


def test_unknown_words_are_errors_unless_forced():
    """A resource or verb that nothing knows is refused, and with force taken as it stands (SSRR-10)."""
    with pytest.raises(UnknownNameError):
        ask("get", "widgets")
    with pytest.raises(UnknownNameError):
        ask("frob", "pods")
    request = ask("frob", "widgets.example.com/x", force=True, namespace="demo").request
    assert request == Request("frob", "widgets", "example.com", namespace="demo", name="x")


@given(st.text(max_size=12), st.text(max_size=20), st.text(max_size=6), st.booleans())
def test_any_words_give_a_request_or_our_error(verb, target, name, force):
    """No words bring the reader down."""
    try:
        phrase = ask(verb, target, name, force=force)
    except UsageError as error:
        assert error.message
    else:
        assert phrase.request.verb == verb

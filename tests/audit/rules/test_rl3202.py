"""RL3202: HTTP methods on resources, API verbs on URLs."""

import pytest
from audit_rules import found, given, rule, urls


@pytest.mark.parametrize("verb", ["post", "put", "head", "options", "POST"])
def test_methods_on_resources(verb):
    """A request for a resource never has the HTTP method as its verb."""
    assert len(found("RL3202", given(rule(f"get {verb}", "pods")))) == 1


@pytest.mark.parametrize("verb", ["create", "update", "list", "watch", "deletecollection", "GET", "read"])
def test_other_verbs_on_urls(verb):
    """A request for a path has the HTTP method in lower case as its verb."""
    assert len(found("RL3202", given(urls(f"get {verb}", "/healthz")))) == 1


@pytest.mark.parametrize(
    "one",
    [rule("get patch delete create", "pods"), urls("get post put patch delete head options", "/x"), urls("*", "/x"), rule("*", "pods")],
)
def test_right_verbs_are_clean(one):
    """get, patch and delete are both."""
    assert found("RL3202", given(one)) == ()

"""RL3201: verbs that no request has."""

import pytest
from audit_rules import found, given, role, rule, urls


@pytest.mark.parametrize("verb", ["read", "Get", "deleteCollection", "exec", "proxy", "lisst", "impersonate-on:user-info:*", "get*"])
def test_unknown_verbs(verb):
    """Verbs are compared letter by letter (X-03)."""
    (one,) = found("RL3201", given(rule(f"get {verb}", "pods")))
    assert f'"{verb}"' in one.message and one.severity.title == "Low"


def test_the_nearest_is_named():
    """A misspelt verb comes with the right one."""
    (one,) = found("RL3201", given(rule("deleteCollection", "pods")))
    assert one.message.endswith("; deletecollection is probably meant.")


@pytest.mark.parametrize(
    "verbs",
    [
        "get list watch create update patch delete deletecollection",
        "*",
        "bind escalate impersonate approve sign attest use",
        "impersonate:user-info impersonate-on:user-info:list",
        "associated-node:update arbitrary-node:patch",
        "request-serviceaccounts-token-audience unsafe-delete-ignore-read-errors",
        "post put head",
    ],
)
def test_known_verbs(verbs):
    """Standard and virtual verbs (ESC-75); HTTP methods are RL3202's."""
    assert found("RL3201", given(rule(verbs, "pods"))) == ()


def test_operators_have_verbs_of_their_own():
    """In an API group that is not Kubernetes' own any verb may mean something, a misspelt one does not."""
    assert found("RL3201", given(rule("own read", "projects", "management.cattle.io"))) == ()
    assert found("RL3201", given(rule("List", "projects", "management.cattle.io")))


def test_urls_are_not_its_business():
    """RL3202 judges the verbs of URLs."""
    assert found("RL3201", given(urls("read", "/healthz"))) == ()


def test_gathered_rules_are_found_where_they_were_written():
    """An aggregated role repeats what others say."""
    source = role("part", rule("read", "pods"), labels={"into": "whole"})
    whole = role("whole", aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"into": "whole"}}]})
    (one,) = found("RL3201", source, whole)
    assert one.objects[0].name == "part"

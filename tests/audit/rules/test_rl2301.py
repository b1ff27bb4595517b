"""RL2301: all non-resource URLs."""

import pytest
from audit_rules import binding, found, given, grant, role, urls, user


@pytest.mark.parametrize("verb", ["get", "head", "post", "put", "patch", "delete", "options", "*"])
@pytest.mark.parametrize("path", ["*", "/*"])
def test_every_verb_counts_and_put_is_worse(verb, path):
    """All paths, by a star alone or behind the first slash."""
    (one,) = found("RL2301", given(urls(verb, path)))
    severity = "High" if verb in ("put", "*") else "Medium"
    assert (one.severity.title, one.scopes, str(one.principal)) == (severity, ("*",), "user:mallory")


@pytest.mark.parametrize(
    "objects",
    [
        given(urls("get", "/metrics", "/logs/*", "/debug/*")),
        given(urls("get", "*/a")),
        given(urls("GET", "*")),
        grant("*", "*", "*"),
        [role("tried", urls("*", "*")), binding("tried", user("mallory"), role="tried", namespace="shop")],
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Some paths, a star that does not end the path, and a RoleBinding give nothing like it."""
    assert found("RL2301", objects) == ()

"""RL3210: URLs that match no path."""

import pytest
from audit_rules import found, given, urls


@pytest.mark.parametrize("url", ["*/a", "/a/*/b", "healthz", "/a*b", "https://host/metrics"])
def test_urls_that_match_nothing(url):
    """Only stars at the end are a wildcard (RBAC-17)."""
    (one,) = found("RL3210", given(urls("get", url, "/livez")))
    assert f'"{url}"' in one.message


@pytest.mark.parametrize("url", ["/", "*", "/a*", "/a/*", "/a**", "/healthz"])
def test_urls_that_match(url):
    """Exact paths, prefixes and everything."""
    assert found("RL3210", given(urls("get", url))) == ()

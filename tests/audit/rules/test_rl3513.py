"""RL3513: a star inside the path of an ABAC line."""

import pytest
from audit_rules import found

HEAD = '"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"'


@pytest.mark.parametrize(
    ("path", "count"), [("/apis/*/v1", 1), ("*/metrics", 1), ("/a*b*", 1), ("/apis/*", 0), ("/apis/**", 0), ("*", 0), ("/apis", 0), ("", 0)]
)
def test_where_the_star_stands(path, count):
    """Trailing stars are a prefix match, all others are text (ABAC-23)."""
    assert len(found("RL3513", abac=f'{{{HEAD}, "spec": {{"user": "bob", "nonResourcePath": "{path}"}}}}')) == count

"""RL3518: a malformed ABAC line."""

import pytest
from audit_rules import judged

from rbaclens.sources import load

GOOD = '{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user": "bob"}}'


def _found(tmp_path, *lines):
    file = tmp_path / "policy.abac"
    file.write_text("\n".join(lines))
    return judged(load([str(file)], keep_bad_lines=True), "RL3518")


@pytest.mark.parametrize(
    "line",
    [
        "{",
        GOOD.replace('"}}', '",}}'),
        GOOD.replace("v1beta1", "v2"),
        GOOD.replace('"Policy"', '"Role"'),
        GOOD.replace('"bob"', "7"),
        "[]",
        "user: {",
        "#" * 65_536,
    ],
)
def test_every_form(tmp_path, line):
    """No JSON, another kind or version, a wrong type, no object, no YAML, and a line that is too long: at its line."""
    (one,) = _found(tmp_path, GOOD, line, GOOD)
    assert (one.severity.title, one.origin.path) == ("High", ("line", 2))


def test_every_bad_line_is_told(tmp_path):
    """Also those behind the first, where the API server stops; two that say the same are one finding."""
    assert len(_found(tmp_path, "{a", GOOD, "{b", "{b")) == 2


def test_others_are_clean(tmp_path):
    """Comments, empty lines, unknown keys (RL3505), and lines that are read in ways that nobody expects (RL3520)."""
    assert _found(tmp_path, "# {", "", GOOD, GOOD.replace('"user"', '"users"'), "{}", "---") == ()

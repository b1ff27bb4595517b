"""Match conditions: what wins when some are false, some fail and some cannot be evaluated."""

import pytest

from rbaclens.authorizers.conditions import Match, check_expression, compile_conditions
from rbaclens.errors import AuthorizerConfigError
from rbaclens.model.request import LabelRequirement, Request

ALICE = {"user": "alice", "uid": "1", "groups": ("group1",), "extra": {"key1": ("a", "b")}}
POD = Request("get", "pods", namespace="kittensandponies", **ALICE)
NS = "request.resourceAttributes.namespace == 'kittensandponies'"
ERROR = f"cel evaluation error: expression '{NS}' resulted in error: no such key: resourceAttributes"


def path(user: str) -> Request:
    return Request("GET", path="/healthz", user=user)


@pytest.mark.parametrize(
    ("expressions", "request_", "expected"),
    [
        ([], POD, Match(True)),
        (
            [
                "request.user == 'alice'",
                "request.uid == '1'",
                "'group1' in request.groups",
                "'key1' in request.extra",
                "!('key2' in request.extra)",
                "'a' in request.extra['key1']",
                f"has(request.resourceAttributes) && {NS}",
            ],
            POD,
            Match(True),
        ),
        (["request.user == 'alice'", "'group3' in request.groups"], POD, Match(False)),
        (
            ["request.user == 'alice'", "has(request.resourceAttributes) && request.resourceAttributes.namespace == 'kube-system'"],
            POD,
            Match(False),
        ),
        (["request.user == 'bob'", f"has(request.resourceAttributes) && {NS}"], path("bob"), Match(False)),
        (["request.user == 'bob'", "request.nonResourceAttributes.verb == 'GET'"], path("bob"), Match(True)),
        (["request.user == 'alice2'", NS], path("alice2"), Match(None, ERROR)),
        (["request.user != 'alice2'", NS], path("alice2"), Match(False)),
        ([NS, "request.user == 'bob'"], path("alice"), Match(False)),
        (
            [
                "has(request.resourceAttributes)",
                "request.resourceAttributes.namespace == 'fail'",
                "request.resourceAttributes.name == 'error'",
            ],
            Request("get", "pods", namespace="fail", name="error"),
            Match(True),
        ),
        (["has(request.resourceAttributes)", NS], path("alice"), Match(False)),
        ([NS, "has(request.resourceAttributes)"], path("alice"), Match(False)),
    ],
)
def test_match(expressions: list[str], request_: Request, expected: Match) -> None:
    """Any false wins silently, then any error counts, else the webhook is asked (WH-07, WH-18, examples WH-C)."""
    assert compile_conditions(tuple(expressions)).match(request_) == expected


@pytest.mark.parametrize(("key", "met"), [("testselector", True), ("other", False)])
def test_label_selector(key: str, met: bool) -> None:
    """Conditions see the requirements of selectors (WH-16, examples WH-C)."""
    text = "request.?resourceAttributes.labelSelector.requirements.orValue([]).exists(r, r.key == 'testselector')"
    request = Request("list", "pods", label_selector=(LabelRequirement(key, "exists"),))
    conditions = compile_conditions((text,))
    assert conditions.match(request).met is met
    assert conditions.match(Request("list", "pods")).met is False
    assert conditions.match(path("bob")).met is False


def test_errors_are_aggregated() -> None:
    """Several errors are one in brackets, the same text once (WH-07, X-06)."""
    other = "request.resourceAttributes.name == ''"
    words = f"cel evaluation error: expression '{other}' resulted in error: no such key: resourceAttributes"
    match = compile_conditions((NS, "true", other)).match(path("bob"))
    assert match == Match(None, f"[{ERROR}, {words}]")


def test_doubt() -> None:
    """A condition that cannot be evaluated leaves a doubt, unless another is false; it outweighs errors."""
    doubtful = "ip(request.user).family() == 4"
    assert compile_conditions((doubtful, "false")).match(POD) == Match(False)
    match = compile_conditions((NS, doubtful, "true")).match(path("bob"))
    assert match.met is None
    assert not match.error
    assert match.doubt == f'"{doubtful}" function ip is not supported by rbaclens'


def test_compile_errors() -> None:
    """All faults are reported with their place, in the server's words (WH-17, examples WH-C)."""
    with pytest.raises(AuthorizerConfigError) as caught:
        compile_conditions(("request.user", "true", "x"))
    assert caught.value.problems[0] == 'matchConditions[0].expression: Invalid value: "request.user": must evaluate to bool but got string'
    assert caught.value.problems[1].startswith('matchConditions[2].expression: Invalid value: "x": compilation failed: ERROR: <input>:1:')
    assert len(caught.value.problems) == 2


def test_check_expression() -> None:
    """The check that configuration loading uses: faults in the server's words, nothing for what only rbaclens cannot do."""
    assert check_expression("true") == ""
    assert check_expression("isIP('x')") == ""
    assert check_expression("request.uid") == "must evaluate to bool but got string"

"""CEL expressions: what compiles, what they come to, and the server's words when they fail."""

import subprocess
import sys
from typing import Any

import pytest

from rbaclens.authorizers.cel import ExpressionError, Outcome, cel_request, compile_expression, evaluate
from rbaclens.model.request import FieldRequirement, LabelRequirement, Request

POD = Request(
    "get", "pods", namespace="ns1", name="p", user="alice", uid="1", groups=("group1", "group2"), extra={"key1": ("a", "b"), "key3": ()}
)
PATH = Request("get", path="/healthz", user="bob")


def run(expression: str, request: Request = POD) -> Outcome:
    return evaluate(compile_expression(expression), request)


def refusal(expression: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(expression)
    return str(caught.value)


@pytest.mark.parametrize(
    "expression",
    [
        "request.user == 'alice'",
        "request.uid == '1'",
        "'group1' in request.groups",
        "request.groups.exists(g, g.startsWith('group'))",
        "'key1' in request.extra",
        "!('key2' in request.extra)",
        "'a' in request.extra['key1']",
        "has(request.extra)",
        "has(request.extra.key1)",
        "request.extra.key3.size() == 0",
        "has(request.resourceAttributes)",
        "!has(request.nonResourceAttributes)",
        "request.resourceAttributes.verb in ['get', 'list']",
        "request.resourceAttributes.version == '*'",
        "has(request.resourceAttributes.subresource) && request.resourceAttributes.subresource == ''",
        "!has(request.resourceAttributes.labelSelector)",
        "request.?nonResourceAttributes.path.orValue('none') == 'none'",
        "request.resourceAttributes.?namespace.orValue('') == 'ns1'",
        "request.user.matches('^al.*e$')",
        "request.user.lowerAscii().split('l').join('-') == 'a-ice'",
        "'%s@%s'.format([request.user, request.uid]) == 'alice@1'",
        "sets.contains(request.groups, ['group1'])",
        "sets.equivalent(request.groups, ['group2', 'group1', 'group1'])",
        "!sets.intersects(request.groups, ['group3'])",
        "sets.intersects(request.extra['key1'], ['b'])",
        "request.groups.isSorted()",
        "!['b', 'a'].isSorted() && [1].isSorted() && [].isSorted()",
        "request.groups.max() == 'group2' && request.groups.min() == 'group1'",
        "[1, 2].sum() == 3 && [1.5, 2.0].sum() == 3.5 && [1u].sum() == 1u",
        "request.groups.map(g, g.size()).sum() == 12",
        "request.groups[?7].orValue('x') == 'x'",
        "request.nonResourceAttributes.path == '/x' || true",
        "request . user == \"alice\" // matches('[')",
        "duration('1h') > duration('1m') && timestamp('2020-01-01T00:00:00Z').getFullYear() == 2020",
        "'matches(\"[\")'.size() > 0",
    ],
)
def test_true(expression: str) -> None:
    """The variable has the shape of a v1 spec with all strings present, and Kubernetes' libraries work (WH-16, WH-20)."""
    assert run(expression) == Outcome(True)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("request.user", "must evaluate to bool but got string"),
        ("request.groups", "must evaluate to bool but got list(string)"),
        ("request.?user", "must evaluate to bool but got optional_type(string)"),
        ("dyn(true)", "must evaluate to bool but got dyn"),
        ("request.resourceAttributes", "must evaluate to bool but got kubernetes.ResourceAttributes"),
        (
            "('group3' in request.group)",
            "compilation failed: ERROR: <input>:1:21: undefined field 'group'\n | ('group3' in request.group)\n | ....................^",
        ),
        (
            "request.time == 'now'",
            "compilation failed: ERROR: <input>:1:8: undefined field 'time'\n | request.time == 'now'\n | .......^",
        ),
        (
            "request.nonResourceAttributes.verb == 2",
            "compilation failed: ERROR: <input>:1:36: found no matching overload for '_==_' applied to '(string, int)'\n"
            " | request.nonResourceAttributes.verb == 2\n | ...................................^",
        ),
        (
            "true && request.user.matches('[')",
            "compilation failed: ERROR: <input>:1:30: invalid matches argument\n"
            " | true && request.user.matches('[')\n | .............................^",
        ),
        (
            "true &&\nduration(\"x\") > duration('1s')",
            "compilation failed: ERROR: <input>:2:10: invalid duration argument\n | duration(\"x\") > duration('1s')\n | .........^",
        ),
    ],
)
def test_refused(expression: str, problem: str) -> None:
    """Unknown fields, wrong types and results other than bool are compile errors in the server's words (WH-17, WH-C)."""
    assert refusal(expression) == problem


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("request++'", "Syntax error"),
        ("x.user", "undeclared reference to 'x"),
        ("authorizer.group('').resource('pods').check('get').allowed()", "undeclared reference to 'authorizer"),
        ("object.metadata.name == 'x'", "undeclared reference to 'object"),
        ("params == 1", "undeclared reference to 'params"),
        ("request.resourceAttributes.fieldSelector.foo == ''", "undefined field 'foo'"),
        ("request.extra['a'] == 'a'", "no matching overload"),
        ("sets.contains(request.groups, [1])", "no matching overload"),
        ("request.groups.max() == 2", "no matching overload"),
        ("cel.bind(x, 1, x == 1)", "undeclared reference"),
        ("", "Syntax error"),
        ("(" * 5000, ""),
        ("request.user == '\ud800'", "not Unicode"),
    ],
)
def test_refused_in_other_words(expression: str, words: str) -> None:
    """Other variables, the authorizer library and broken text are compile errors too (WH-17, WH-20)."""
    problem = refusal(expression)
    assert problem.startswith("compilation failed: ")
    assert words in problem


@pytest.mark.parametrize(
    "expression",
    [
        "request.resourceAttributes.fieldSelector.rawSelector == 'foo'",
        "request.resourceAttributes.labelSelector.requirements.exists(r, r.key == 'f' && r.operator == 'In' && ('b' in r.values))",
    ],
)
def test_selector_fields_compile(expression: str) -> None:
    """Selectors are part of the type, with all of their fields (WH-16)."""
    assert compile_expression(expression).executable is not None


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("request.resourceAttributes.namespace == 'kube-system'", "no such key: resourceAttributes"),
        ("request.resourceAttributes.?namespace.orValue('') == 'ns1'", "no such key: resourceAttributes"),
        ("request.extra['no\"ne'].size() == 0", 'no such key: no"ne'),
        ("request.groups[5] == 'x'", "index out of bounds: 5"),
        ("1 / request.groups.size() == 1", "division by zero"),
        ("request.user + dyn(1) == 'x'", "no such overload"),
        ("request.groups.max() == ''", "max called on empty list"),
        ("optional.none().value() == 1", "optional.none() dereference"),
    ],
)
def test_errors(expression: str, words: str) -> None:
    """Errors of an evaluation carry the whole expression and the server's words (WH-18)."""
    assert run(expression, PATH) == Outcome(None, f"cel evaluation error: expression '{expression}' resulted in error: {words}")


@pytest.mark.parametrize(
    "expression",
    [
        "ip(request.user).family() == 4",
        "isCIDR('::/0')",
        "url(request.user).getHost() == 'x'",
        "quantity('1k').isInteger()",
        "semver('1.0.0').major() == 1",
        "format.dns1123Label().validate('x').hasValue()",
        "request.user.find('a') == 'a'",
        "request.user.findAll('a', 1) == ['a']",
        "request.groups.indexOf('a') == 0",
        "[duration('1s')].max() == duration('1s')",
        "[[1]].isSorted()",
        "request.groups.exists(i, g, i == 0)",
        "request.groups.transformList(i, g, g) == []",
        "request.groups.sortBy(g, g) == []",
        "request.groups.size() < 1.5",
    ],
)
def test_unsupported(expression: str) -> None:
    """What Kubernetes knows and the engine does not is a doubt, never an error and never a guess (WH-20)."""
    outcome = run(expression)
    assert outcome.value is None
    assert not outcome.error
    assert "not supported by rbaclens" in outcome.doubt
    assert "request" in outcome.doubt or "'" in outcome.doubt


def test_own_function_hides_nothing() -> None:
    """An error in one of our functions is absorbed where CEL absorbs errors."""
    assert run("[''].filter(x, false).max() == '' || request.user == 'alice'") == Outcome(True)


def test_cel_request() -> None:
    """All strings, lists and maps are there even when empty; absent blocks and empty selectors are not (WH-16)."""
    assert cel_request(Request("get", path="")) == {
        "user": "",
        "groups": [],
        "uid": "",
        "extra": {},
        "nonResourceAttributes": {"path": "", "verb": "get"},
    }
    request = Request(
        "list",
        "pods",
        field_selector=(FieldRequirement("a", "=", ""),),
        label_selector=(LabelRequirement("b", "exists"), LabelRequirement("c", "gt", ("1",))),
    )
    attributes: Any = cel_request(request)["resourceAttributes"]
    assert attributes["fieldSelector"] == {"requirements": [{"key": "a", "operator": "In", "values": [""]}]}
    assert attributes["labelSelector"] == {"requirements": [{"key": "b", "operator": "Exists", "values": []}]}
    assert attributes["namespace"] == attributes["subresource"] == ""
    assert "labelSelector" not in cel_request(Request("list", "pods", label_selector=request.label_selector[1:]))["resourceAttributes"]


def test_requests_do_not_mix() -> None:
    """Expressions of one request share what was prepared for it, and the next request gets its own."""
    program = compile_expression("request.user == 'alice'")
    other = Request("get", "pods", user="eve")
    assert [evaluate(program, request).value for request in (POD, POD, other, POD, PATH)] == [True, True, False, True, False]


def test_without_the_engine() -> None:
    """Without the optional package nothing is compiled, and the doubt says what to install."""
    code = """
import sys
sys.modules["cel_expr_python"] = None
from rbaclens.authorizers.cel import compile_expression, evaluate
from rbaclens.model.request import Request
outcome = evaluate(compile_expression("request.user"), Request("get", "pods"))
print(outcome.value, outcome.doubt)
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.startswith("None ")
    assert "pip install 'rbaclens[cel]'" in shown


def test_engine_is_imported_late() -> None:
    """Importing the module does not load the engine."""
    code = "import sys, rbaclens.authorizers.webhook; sys.exit('cel_expr_python' in sys.modules or 'google' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

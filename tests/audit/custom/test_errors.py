"""Whatever is wrong with a custom rule is one error, at its line and column, which says what was expected."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.audit.custom.rules import read_rules
from rbaclens.errors import MissingExtraError, PolicyFileError
from rbaclens.sources.placed_yaml import placed_documents

HEAD = "id: T-1\ntitle: T\ngives: G.\nfix: F.\n"  # four lines
ROLE = HEAD + "severity: low\nkinds: [Role]\n"  # six
SECRETS = HEAD + "severity: high\ntrigger: {verbs: [get], resources: [secrets]}\n"


def refusal(text):
    """Line, column, message and help of the error."""
    with pytest.raises(PolicyFileError) as caught:
        read_rules(placed_documents(text.encode(), "t.rules.yaml"), "t.rules.yaml")
    error = caught.value
    assert error.file == "t.rules.yaml"
    return error.line, error.column, error.message, error.help


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", None, None, "holds no rules"),
        ("# nothing\n", None, None, "holds no rules"),
        ("rules: []\n", 1, 8, "rules: expected at least one, not an empty list"),
        ("rules:\n  a: 1\n", 2, 3, "rules: expected a list of rules, not a mapping"),
        ("rules: [x]\nmore: 1\n", 2, 1, 'a file of rules has no "more"'),
        ("- just a text\n", 1, 3, "expected a rule (a mapping), not a text"),
        (SECRETS + "severty: low\n", 7, 1, 'a rule has no "severty"'),
        ("title: T\n", 1, 1, 'a rule needs "id"'),
        ("id: T-1\ntitle:\nkinds: [Role]\n", 2, 7, "title: expected a text, not nothing"),
        ("id: 7\n", 1, 5, "id: expected a text, not the number 7"),
        ("id: RL1101\n", 1, 5, 'id: "RL1101" is an id of rbaclens\'s own rules'),
        ("id: no id\n", 1, 5, 'id: "NO ID" is no id'),
        (f"id: {'x' * 65}\n", 1, 5, None),
        (HEAD + "severity: low\n", 1, 1, "rule T-1 needs a trigger or kinds"),
        (SECRETS + "kinds: [Role]\n", 7, 1, "rule T-1 has both a trigger and kinds"),
        (SECRETS + "each: rules\n", 7, 1, 'a rule with a trigger has no "each"'),
        (ROLE + "when: 'true'\nunless: {}\n", 8, 1, 'a rule about objects has no "unless"'),
        (ROLE, 1, 1, 'a rule needs "when"'),
        (HEAD + "kinds: [Role]\nwhen: 'true'\n", 1, 1, 'a rule needs "severity"'),
        (HEAD + "severity: grave\nkinds: [Role]\nwhen: 'true'\n", 5, 11, "severity: expected one of critical, high, medium, low, info, "),
        (HEAD + "severity: 11\nkinds: [Role]\nwhen: 'true'\n", 5, 11, "severity: 11 is no score"),
        (HEAD + "severity: [low]\nkinds: [Role]\nwhen: 'true'\n", 5, 11, "severity: expected critical, high, "),
        (HEAD + "severity: {}\ntrigger: {verbs: [get], resources: [pods]}\n", 5, 11, "severity: expected at least one scope"),
        (HEAD + "severity: {node: low}\ntrigger: {verbs: [get], resources: [pods]}\n", 5, 12, 'severity has no "node"'),
        (SECRETS + "confidence: sure\n", 7, 13, 'confidence: expected one of high, medium, low, not "sure"'),
        (SECRETS + "tier: 4\n", 7, 7, "tier: expected 1, 2 or 3, not the number 4"),
        (SECRETS + "since: 1.30\n", 7, 8, "since: expected a text, not the number 1.3"),
        (SECRETS + "since: new\n", 7, 8, 'since: "new" is no Kubernetes version'),
        (SECRETS + "references: [T1]\n", 7, 13, "expected references (a mapping), not a list"),
        (SECRETS + "references: {mitre: T1}\n", 7, 14, 'references has no "mitre"'),
        (SECRETS + "named: 'yes'\n", 7, 8, "named: expected true or false, not a text"),
        (HEAD + "severity: low\nkinds: [Pod]\nwhen: 'true'\n", 6, 9, "kinds: expected one of Role, ClusterRole, "),
        (ROLE + "each: subjects\nwhen: 'true'\n", 7, 7, "each: only RoleBinding and ClusterRoleBinding have subjects"),
        (ROLE + "each: verbs\nwhen: 'true'\n", 7, 7, 'each: expected one of rules, subjects, not "verbs"'),
    ],
)
def test_shape(text, line, column, message):
    """Unknown and missing keys, wrong types, ids, severities."""
    found = refusal(text)
    assert found[:2] == (line, column)
    assert message is None or found[2].startswith(message)


@pytest.mark.parametrize(
    ("trigger", "column", "message", "help"),
    [
        ("[]", 10, "trigger: expected one expression, not a list", "any or all"),
        ("text", 10, "expected a trigger (a mapping), not a text", "verbs"),
        ("{verb: [get]}", 11, 'a trigger has no "verb"', "perhaps verbs was meant"),
        ("{verbs: [get]}", 10, 'trigger: needs "resources" or "nonResourceURLs"', "RBAC rule"),
        ("{resources: [pods]}", 10, 'a trigger needs "verbs"', ""),
        ("{verbs: [], resources: [pods]}", 18, "verbs: expected at least one, not an empty list", ""),
        ("{verbs: [get list], resources: [pods]}", 19, 'verbs: "get list" is not one word', "[get, list]"),
        ("{verbs: ['get*'], resources: [pods]}", 19, 'verbs: "get*" is not one word', ""),
        ("{verbs: [get], resources: [secret]}", 37, 'resources: the API group "" has no "secret"', "perhaps secrets was meant"),
        ("{verbs: [get], resources: [deployments]}", 37, 'resources: the API group "" has no "deployments"', "API group apps"),
        ("{verbs: [get], resources: [pods/logs]}", 37, 'resources: pods have no "logs"', "perhaps pods/log was meant"),
        ("{verbs: [get], resources: ['pods/*']}", 37, 'resources: "pods/*" is not one resource', ""),
        ("{verbs: [get], resources: [nodes], namespace: a}", 56, "namespace: nodes are cluster-scoped", ""),
        ("{verbs: [get], nonResourceURLs: [metrics]}", 43, 'nonResourceURLs: "metrics" is no path', "/metrics"),
        ("{verbs: [get], nonResourceURLs: ['/a/*']}", 43, 'nonResourceURLs: "/a/*" is no path', ""),
        ("{verbs: [get], nonResourceURLs: [/a], resources: [x]}", 48, 'trigger: "resources" and "nonResourceURLs" do not go', ""),
        ("{any: [], all: []}", 20, 'trigger: "any" and "all" do not go together', ""),
        ("{all: []}", 16, "all: expected at least one, not an empty list", ""),
        ("{any: [{all: [{verbs: [get], resources: [podz]}]}]}", 51, 'resources: the API group "" has no "podz"', "pods"),
    ],
)
def test_trigger(trigger, column, message, help):
    """What is no trigger, and names that Kubernetes does not know: such a rule would never find anything."""
    found = refusal(f"{HEAD}severity: low\ntrigger: {trigger}\n")
    assert found[:2] == (6, column)
    assert found[2].startswith(message)
    assert help in found[3]


def test_a_trigger_has_a_size():
    """Many lists multiplied are refused, not computed."""
    many = ", ".join(f"v{number}" for number in range(60))
    found = refusal(f"{HEAD}severity: low\ntrigger: {{verbs: [{many}], apiGroups: [a.b], resources: [{many}]}}\n")
    assert found[2].startswith("this stands for 3600 single rights")


@pytest.mark.parametrize(
    ("when", "line", "column", "message", "help"),
    [
        ("when: object.metdata.name == 'x'", 7, 14, 'when: a Role has no field "metdata"', "perhaps metadata was meant"),
        ("when: object.subjects.size() == 0", 7, 14, 'when: a Role has no field "subjects"', "it has kind, metadata, rules"),
        ("when: objekt.kind == 'x'", 7, 7, 'when: nothing is called "objekt"', "perhaps object was meant"),
        ("when: object.metadata.name", 7, 7, "when: expected true or false (bool), and this is string", ""),
        ("when: object.metadata", 7, 7, "when: expected true or false (bool), and this is Metadata", ""),
        ("when: object.metadata.name == 3", 7, 28, "when: found no matching overload for '_==_'", ""),
        ("when: object.kind == 'x' &&", 7, 28, "when: syntax error", "CEL"),
        ("when: \"object.kind.matches('(')\"", 7, 28, "when: invalid matches argument", ""),
        ("when: 'object.metadata.name.find(''x'') == 1'", 7, None, "when: function find is not supported by rbaclens", ""),
        ("when: true", 7, 7, "when: expected a text, not the boolean true", "quotes"),
        ("when: ''", 7, 7, "when: expected a text, not an empty one", ""),
        ("when: >-\n  object.kind == 'Role'\n  && object.nmae == 'x'", 9, 13, 'when: a Role has no field "nmae"', ""),
        ("when: |\n  // why\n  object.kind == 'Role' &&\n    object.x", 10, 12, 'when: a Role has no field "x"', ""),
        ("when: 'object.metadata.labels[''a''] == object.q'", 7, 48, 'when: a Role has no field "q"', ""),
        ('when: "\\u006fbject.kind == object.q"', 7, 35, 'when: a Role has no field "q"', ""),
        ("when: 'true'\nmessageExpression: object.rules.size()", 8, 20, "messageExpression: expected a text (string), and this is int", ""),
    ],
)
def test_expressions(when, line, column, message, help):
    """CEL that does not compile, and of the wrong type: at the very character, in every style of YAML."""
    found = refusal(f"{ROLE}{when}\n")
    assert found[0] == line
    assert column is None or found[1] == column
    assert found[2].startswith(message)
    assert help in found[3]


def test_conditions_are_checked_for_every_kind():
    """What one of the kinds does not have is an error, also if another one has it."""
    found = refusal(f"{HEAD}severity: low\nkinds: [RoleBinding, Role]\nwhen: object.subjects.size() == 0\n")
    assert found[2] == 'when: a Role has no field "subjects"'
    found = refusal(SECRETS + "when: principal.naem == 'x'\n")
    assert found[:3] == (7, 17, 'when: a Principal has no field "naem"')


def test_places_in_a_later_document():
    """Lines count over all documents of a file."""
    assert refusal(f"{SECRETS}---\n{SECRETS}when: scoop == ''\n")[:2] == (14, 7)


SAMPLES = [path.read_text() for path in sorted((Path(__file__).parents[3] / "docs" / "custom-rules").glob("*.rules.yaml"))]
BITS = ["", '"', "'", "[", "{", ":", "\n", "- ", "  ", "*", "&a ", "!x ", "|\n", "7", "\\ud800", "(", ".", "==", "é", "\t", "rules:"]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 9), st.sampled_from(BITS)), min_size=1, max_size=4)
)
def test_damaged_files(text, edits):
    """Whatever is cut out or put in: rules come out, or one error with its line."""
    for number, length, bit in edits:
        at = number % (len(text) or 1)
        text = text[:at] + bit + text[at + length :]
    try:
        assert read_rules(placed_documents(text.encode(), "t.rules.yaml"), "t.rules.yaml")
    except PolicyFileError as error:
        assert error.line or error.message == "holds no rules"


NO_ENGINE = """
import sys
sys.modules["cel_expr_python"] = None
from rbaclens.audit.custom.rules import read_rules
from rbaclens.errors import MissingExtraError
from rbaclens.sources.placed_yaml import placed_documents

text = "id: T-1\\ntitle: T\\ngives: G.\\nfix: F.\\nseverity: high\\ntrigger: {verbs: [get], resources: [secrets]}\\n"
assert len(read_rules(placed_documents(text.encode(), "t.yaml"), "t.yaml")) == 1
try:
    read_rules(placed_documents((text + "when: everywhere\\n").encode(), "t.yaml"), "t.yaml")
except MissingExtraError as error:
    print(error, "|", error.help)
"""


def test_without_the_engine():
    """A rule without CEL needs no engine; one with it says what to install, and where it stands."""
    done = subprocess.run([sys.executable, "-c", NO_ENGINE], capture_output=True, text=True, check=True)
    assert done.stdout == "t.yaml:7:7: CEL in a custom rule needs an optional package | pip install 'rbaclens[cel]'\n"
    assert issubclass(MissingExtraError, Exception)

"""The loaders against damaged input: only policy or one of rbaclens' own errors ever comes out."""

from __future__ import annotations

import copy
import json
import random

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rbaclens.errors import RbaclensError
from rbaclens.model.validation import validate_binding, validate_role
from rbaclens.sources import load

RBAC = "rbac.authorization.k8s.io"
SAMPLE = {
    "apiVersion": "v1",
    "kind": "List",
    "items": [
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "é", "labels": {"a": "b"}},
            "rules": [{"verbs": ["get"], "apiGroups": ["", "apps"], "resources": ["pods"], "resourceNames": None}],
            "aggregationRule": {
                "clusterRoleSelectors": [
                    {"matchLabels": {"a": "b"}},
                    {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]},
                ]
            },
        },
        {
            "apiVersion": f"{RBAC}/v1alpha1",
            "kind": "RoleBinding",
            "metadata": {"name": "b", "namespace": "x"},
            "subjects": [{"kind": "User", "name": "*", "apiVersion": "a/b"}],
            "roleRef": {"kind": "ClusterRole", "name": "é"},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "p"},
            "spec": {"nodeName": "n1", "volumes": [{"secret": {"secretName": "s"}}]},
        },
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "w"},
            "spec": {"group": "g", "names": {"plural": "ws", "kind": "W"}, "versions": [{"name": "v1", "served": True}]},
        },
    ],
}
TEXTS = [
    json.dumps(SAMPLE),
    json.dumps(SAMPLE, indent=1),
    yaml.safe_dump(SAMPLE, allow_unicode=True),
    yaml.safe_dump_all(SAMPLE["items"], default_flow_style=True),
    "\n".join(json.dumps(item) for item in SAMPLE["items"]),
    '{"user": "bob"}\n# c\n{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user": "x"}}\n',
]
BITS = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    "'",
    "\n",
    "\n---\n",
    "\n...\n",
    "&a ",
    "*a",
    "<<: ",
    "!!x ",
    "\t",
    "- ",
    "? ",
    "| ",
    "%",
    "#",
    "null",
    "1",
    "\\",
    "\xff",
    "\0",
    "{{ x }}",
    "\ufeff",
    "\u2028",
]


def attempt(data):
    """Load ``data``, and look at the place of everything that came out."""
    try:
        policy = load(["-"], stdin=lambda: data, bootstrap=False)
    except RbaclensError as error:
        assert str(error)
        return
    for role in policy.roles:
        assert not validate_role(role) or role.gathered
        for index in range(len(role.rules)):
            assert policy.locate(role.rule_origin(index)).line
    for binding in policy.bindings:
        assert not validate_binding(binding)
        assert policy.locate(binding.origin).line


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200))
@example(b"")
@example(b"\x1f\x8b")
@example(b"\xff\xfe\x00")
@example(b'"\\ud800"')
@example(b'a: "\\ud800"')
@example(b"!<")
@example(b"%YAML 9.9\n---\n")
def test_any_bytes(data):
    """Arbitrary bytes."""
    attempt(data)


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(TEXTS),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 12), st.sampled_from([*BITS, ""])), min_size=1, max_size=4),
)
def test_damaged_texts(text, edits):
    """Valid texts with pieces cut out and put in."""
    for position, cut, bit in edits:
        at = position % len(text)
        text = text[:at] + bit + text[at + cut :]
    attempt(text.encode())


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(TEXTS), st.integers(0, 3000), st.integers(0, 255))
def test_damaged_bytes(text, position, byte):
    """Valid texts with one byte changed, cut off at it, or doubled."""
    data = bytearray(text.encode())
    at = position % len(data)
    data[at] = byte
    for one in (bytes(data), bytes(data[:at]), bytes(data + data)):
        attempt(one)


VALUES = [None, "", "x", "*", "User", "Role", "v1", f"{RBAC}/v1", 1, True, 1.5, [], [None], ["x"], {}, {"a": 1}, {"kind": "Role"}]


def paths(value, path=()):
    yield path
    children = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    for key, child in children:
        yield from paths(child, (*path, key))


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.lists(st.sampled_from(VALUES), min_size=1, max_size=3))
def test_wrong_values(rnd, values):
    """Values of other types anywhere in the objects; the JSON and the YAML text are judged the same."""
    data = json.loads(json.dumps(SAMPLE))
    for value in values:
        path = rnd.choice([one for one in paths(data) if one])
        at = data
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = copy.deepcopy(value)
    outcomes = []
    for text in (json.dumps(data), yaml.safe_dump(data, sort_keys=False)):
        attempt(text.encode())
        try:
            policy = load(["-"], stdin=text.encode, bootstrap=False)
            outcomes.append((policy.roles, policy.bindings, policy.node_graph, policy.resources, policy.notices))
        except RbaclensError as error:
            outcomes.append(error.message)
    assert outcomes[0] == outcomes[1]


SUBJECTS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["User", "Group", "ServiceAccount", "Foo", "", None]),
        "name": st.sampled_from(["x", "", "A B", "a.b", "-a", None]),
        "namespace": st.sampled_from(["x", "", None]),
        "apiGroup": st.sampled_from([RBAC, "", "other", None]),
    },
)
REFS = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["Role", "ClusterRole", "Foo", None]),
        "name": st.sampled_from(["x", "", "a/b", "..", None]),
        "apiGroup": st.sampled_from([RBAC, "", "other"]),
    },
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["RoleBinding", "ClusterRoleBinding"]),
    st.sampled_from(["v1", "v1beta1", "v1alpha1"]),
    st.lists(SUBJECTS, max_size=2),
    REFS,
    st.sampled_from(["x", "", "a/b", None]),
    st.sampled_from(["x", "", "X_", None]),
)
def test_the_quick_look_at_bindings_agrees_with_validation(kind, version, subjects, ref, name, namespace):
    """What is taken as plainly valid while it is made is valid, and what is valid is taken (VAL-13 to VAL-19)."""
    one = {
        "apiVersion": f"{RBAC}/{version}",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "subjects": subjects,
        "roleRef": ref,
    }
    policy = load(["-"], stdin=json.dumps(one).encode, bootstrap=False)
    assert all(not validate_binding(binding) for binding in policy.bindings)
    rejected = [notice for notice in policy.notices if "would reject" in notice.message]
    assert len(policy.bindings) + len(rejected) == 1


def test_large_random_garbage_is_refused_quickly():
    """Long texts of structure characters neither hang nor crash."""
    rnd = random.Random(1)  # noqa: S311
    for alphabet in ("[]{},:", '"{}[]\\:,a', "- :?\n ", "&*ab \n:-", '{"a": [', "'\"\n |>"):
        attempt("".join(rnd.choices(alphabet, k=20_000)).encode())

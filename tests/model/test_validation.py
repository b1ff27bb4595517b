"""Validation of RBAC objects, on domain objects (VAL-02 to VAL-20)."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.model.location import Origin
from rbaclens.model.metadata_validation import MAX_ANNOTATION_BYTES, metadata_errors
from rbaclens.model.objects import RBAC_GROUP, Binding, Role, RoleRef, Subject
from rbaclens.model.rules import AggregationRule, LabelSelector, PolicyRule, SelectorRequirement
from rbaclens.model.validation import (
    ApiError,
    FieldError,
    Submission,
    binding_errors,
    go_json,
    invalid_object,
    role_errors,
    role_ref_change,
    validate_binding,
    validate_role,
)

ORIGIN = Origin("test")
PODS = PolicyRule(("get",), ("",), ("pods",))


def role(*rules, kind="Role", namespace=None, name="r", **more):
    return Role(kind, ("ns" if kind == "Role" else "") if namespace is None else namespace, name, rules, ORIGIN, **more)


VIEW = RoleRef("ClusterRole", "view")


def binding(*subjects, kind="RoleBinding", ref=VIEW, namespace=None, name="b", **more):
    place = ("ns" if kind == "RoleBinding" else "") if namespace is None else namespace
    return Binding(kind, place, name, subjects, ref, ORIGIN, **more)


def user(name="bob", group=RBAC_GROUP):
    return Subject("User", name, "", group)


def account(name="sa", namespace="", group=""):
    return Subject("ServiceAccount", name, namespace, group)


def summary(errors):
    return [(error.reason.removeprefix("FieldValue"), error.field) for error in errors]


URL = "rules[0].nonResourceURLs"
CLUSTER = {"kind": "ClusterRole"}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (role(PODS), []),
        (role(PODS, namespace=""), [("Required", "metadata.namespace")]),
        (role(PODS, name=""), [("Required", "metadata.name")]),
        (role(PolicyRule(("get",), non_resource_urls=("/",))), [("Invalid", URL)]),
        (role(PolicyRule(("get",), non_resource_urls=("/",)), **CLUSTER), []),
        (role(PolicyRule(non_resource_urls=("/",)), **CLUSTER), [("Required", "rules[0].verbs")]),
        (role(PolicyRule(("get",), ("v1",), ("pods",), (), ("/",)), **CLUSTER), [("Invalid", URL)]),
        (role(PolicyRule(("get",), (), ("pods",))), [("Required", "rules[0].apiGroups")]),
        (role(PolicyRule(("get",), ("v1",), ())), [("Required", "rules[0].resources")]),
        (role(PODS, PolicyRule()), [("Required", f"rules[1].{field}") for field in ("verbs", "apiGroups", "resources")]),
        (role(), []),
        (role(PODS, kind="ClusterRole", namespace="ns"), [("Forbidden", "metadata.namespace")]),
    ],
)
def test_roles_of_the_examples_table(item, expected):
    """VAL-A with VAL-06 to VAL-10: each faulty role yields exactly its field errors."""
    assert summary(validate_role(item)) == expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (binding(user()), []),
        (binding(), []),
        (binding(user(), user()), []),
        (binding(kind="ClusterRoleBinding", ref=RoleRef("ClusterRole", "v", "GroupName2")), [("NotSupported", "roleRef.apiGroup")]),
        (binding(kind="ClusterRoleBinding", ref=RoleRef("Role", "v")), [("NotSupported", "roleRef.kind")]),
        (binding(kind="ClusterRoleBinding", ref=RoleRef("Type", "v")), [("NotSupported", "roleRef.kind")]),
        (binding(ref=RoleRef("Role", "v")), []),
        (binding(kind="ClusterRoleBinding", namespace="ns"), [("Forbidden", "metadata.namespace")]),
        (binding(ref=RoleRef("Role", "")), [("Required", "roleRef.name")]),
        (binding(ref=RoleRef("Role", "foo%bar")), [("Invalid", "roleRef.name")]),
        (binding(account("", "ns")), [("Required", "subjects[0].name")]),
        (binding(account("validsaname"), kind="ClusterRoleBinding"), [("Required", "subjects[0].namespace")]),
        (binding(account("validsaname")), []),
        (binding(account("sa", "Bad_NS")), []),
        (binding(account("sa", "ns", "foo")), [("NotSupported", "subjects[0].apiGroup")]),
        (binding(account("subject:bad", "ns")), [("Invalid", "subjects[0].name")]),
        (binding(user(group="foo")), [("NotSupported", "subjects[0].apiGroup")]),
        (binding(Subject("Group", "g", "", "foo")), [("NotSupported", "subjects[0].apiGroup")]),
        (binding(Subject("Group", "system:*", "anywhere", RBAC_GROUP)), []),
        (binding(user(), Subject("Foo", "x")), [("NotSupported", "subjects[1].kind")]),
        (binding(user("")), [("Required", "subjects[0].name")]),
    ],
)
def test_bindings_of_the_examples_table(item, expected):
    """VAL-A with VAL-13 to VAL-19 and VAL-22: each faulty binding yields exactly its field errors."""
    assert summary(validate_binding(item)) == expected


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("system:x", []),
        ("a b", []),
        ("Upper", []),
        ("x" * 400, []),
        (".", ["may not be '.'"]),
        ("..", ["may not be '..'"]),
        ("...", []),
        ("a/b%c", ["may not contain '/'", "may not contain '%'"]),
    ],
)
def test_names_are_path_segments(name, texts):
    """VAL-02: any non-empty path segment names a role."""
    assert [error.message for error in validate_role(role(PODS, name=name))] == [f'Invalid value: "{name}": {text}' for text in texts]


@pytest.mark.parametrize(
    ("namespace", "part"),
    [
        ("Bad_NS", "a lowercase RFC 1123 label must consist of"),
        ("a.b", "must not contain dots"),
        ("x" * 64, "must be no more than 63 bytes"),
    ],
)
def test_namespaces_are_dns_labels(namespace, part):
    """VAL-03: a malformed namespace is reported with its fault."""
    (error,) = validate_role(role(PODS, namespace=namespace))
    assert error.field == "metadata.namespace"
    assert part in error.message


@pytest.mark.parametrize(
    ("labels", "count"),
    [
        ({"app.kubernetes.io/name": "x", "a": "", "A_b.c-d": "1"}, 0),
        ({"a b": "c"}, 1),
        ({"a": "c d"}, 1),
        ({"": "x"}, 2),
        ({"/a": "x"}, 1),
        ({"UP/a": "x"}, 1),
        ({"a/b/c": "x"}, 1),
        ({"x" * 64: "y" * 64}, 2),
    ],
)
def test_labels_follow_their_syntax(labels, count):
    """VAL-03: every fault of a label's key and value is one error at metadata.labels."""
    assert summary(validate_role(role(PODS, labels=labels))) == [("Invalid", "metadata.labels")] * count


def test_annotation_keys_ignore_case_and_their_size_is_limited():
    """VAL-03: annotation keys are label keys in any case; all together hold at most 256 KiB of UTF-8."""
    assert validate_role(role(PODS, annotations={"EXAMPLE.com/Key": "any text\n"})) == ()
    assert summary(validate_role(role(PODS, annotations={"a b": ""}))) == [("Invalid", "metadata.annotations")]
    assert validate_role(role(PODS, annotations={"a": "x" * (MAX_ANNOTATION_BYTES - 1)})) == ()
    (error,) = validate_role(role(PODS, annotations={"a": "ä" * (MAX_ANNOTATION_BYTES // 2)}))
    assert str(error) == "metadata.annotations: Too long: may not be more than 262144 bytes"


@pytest.mark.parametrize(
    ("selectors", "faults"),
    [
        ((), ["aggregationRule.clusterRoleSelectors"]),
        ((LabelSelector(),), []),
        ((LabelSelector(match_labels={"a": "b c"}),), ["[0].matchLabels", "[0]"]),
        ((LabelSelector(), LabelSelector(match_expressions=(SelectorRequirement("a", "In"),))), ["[1].matchExpressions[0].values", "[1]"]),
        ((LabelSelector(match_expressions=(SelectorRequirement("a", "Exists", ("x",)),)),), ["[0].matchExpressions[0].values", "[0]"]),
        ((LabelSelector(match_expressions=(SelectorRequirement("a b", "Exists"),)),), ["[0].matchExpressions[0].key", "[0]"]),
        ((LabelSelector(match_expressions=(SelectorRequirement("a", "like"),)),), ["[0].matchExpressions[0].operator", "[0]"]),
        ((LabelSelector(match_expressions=(SelectorRequirement("a", "In", ("x", "?")),)),), ["[0].matchExpressions[0].values[1]", "[0]"]),
    ],
)
def test_aggregation_selectors(selectors, faults):
    """VAL-11: no selector at all, and every malformed selector, is a fault; a malformed one is reported a second time."""
    prefix = "aggregationRule.clusterRoleSelectors"
    errors = validate_role(role(PODS, kind="ClusterRole", aggregation=AggregationRule(selectors)))
    assert [error.field for error in errors] == [fault if fault == prefix else prefix + fault for fault in faults]


def test_values_in_messages_are_written_as_go_does():
    """Lists appear as JSON with HTML's characters escaped, strings quoted as Go's %q."""
    (error,) = validate_role(role(PolicyRule(("get",), non_resource_urls=("/a&<b>",))))
    assert error.message == 'Invalid value: ["/a\\u0026\\u003cb\\u003e"]: namespaced rules cannot apply to non-resource URLs'
    assert go_json({"a": [1, "ü"]}) == '{"a":[1,"ü"]}'


def test_the_refusal_names_kind_object_and_each_fault_once():
    """VAL-01: the 422 has every cause, and a message in which equal texts appear once."""
    faults = (FieldError("a", "FieldValueRequired", "Required value"),) * 2
    assert invalid_object("Role", 'x"', faults) == ApiError(
        422, "Invalid", 'Role.rbac.authorization.k8s.io "x\\"" is invalid: a: Required value', faults
    )


def test_the_role_of_a_binding_cannot_change():
    """VAL-20: another roleRef is a fault of an update, the same one is not."""
    old = RoleRef("ClusterRole", "view")
    assert role_ref_change(RoleRef("ClusterRole", "view"), old) == ()
    (error,) = role_ref_change(RoleRef("Role", "view"), old)
    assert error.field == "roleRef"
    assert error.message.endswith(': {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"view"}: cannot change roleRef')


def test_a_submission_of_an_object_carries_its_faults():
    """A decoded object is sent to its own namespace and name."""
    assert Submission.of(role(PODS)) == Submission("Role", "ns", "r", role(PODS))
    sent = Submission.of(binding(ref=RoleRef("Role", "")))
    assert summary(sent.faults) == [("Required", "roleRef.name")]


def some(*values):
    return st.lists(st.sampled_from(values), max_size=2).map(tuple)


names = st.sampled_from(["", "r", "a b", ".", "..", "a/b", "a%b", "system:x"])
labels = st.dictionaries(st.sampled_from(["a", "a b", "x/y", "/", ""]), st.sampled_from(["", "v", "v v"]), max_size=2)
rules = st.builds(PolicyRule, some("get", ""), some("", "apps"), some("pods"), some("x"), some("/", "/x"))
subjects = st.builds(
    Subject,
    st.sampled_from(["User", "Group", "ServiceAccount", "", "Foo"]),
    st.sampled_from(["", "bob", "Bad_Name"]),
    st.sampled_from(["", "ns"]),
    st.sampled_from(["", RBAC_GROUP, "foo"]),
)
role_refs = st.builds(RoleRef, st.sampled_from(["Role", "ClusterRole", "", "X"]), names, st.sampled_from(["", RBAC_GROUP]))
namespaces = st.sampled_from(["", "ns", "Bad_NS"])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["Role", "ClusterRole"]), namespaces, names, st.lists(rules, max_size=2).map(tuple), labels, labels)
def test_the_quick_way_for_roles_finds_what_the_full_one_finds(kind, namespace, name, written, marks, notes):
    """The allocation-free path returns nothing exactly when every single check finds nothing."""
    item = Role(kind, namespace, name, written, ORIGIN, marks, notes)
    assert list(validate_role(item)) == metadata_errors(kind == "Role", namespace, name, marks, notes) + role_errors(item)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["RoleBinding", "ClusterRoleBinding"]), namespaces, names, st.lists(subjects, max_size=2).map(tuple), role_refs, labels
)
def test_the_quick_way_for_bindings_finds_what_the_full_one_finds(kind, namespace, name, who, ref, marks):
    """The allocation-free path returns nothing exactly when every single check finds nothing."""
    item = Binding(kind, namespace, name, who, ref, ORIGIN, marks)
    assert list(validate_binding(item)) == metadata_errors(kind == "RoleBinding", namespace, name, marks, {}) + binding_errors(item)


def test_errors_are_data():
    """Errors are plain frozen data and go into reports as they are."""
    error = FieldError("f", "FieldValueRequired", "Required value")
    assert msgspec.json.encode(error) == b'{"field":"f","reason":"FieldValueRequired","message":"Required value"}'
    assert str(error) == "f: Required value"

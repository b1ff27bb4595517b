"""Line and column of everything that was read."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.model.location import Location, Origin
from rbaclens.sources import assemble, load, read_manifests
from rbaclens.sources.positions import SourceText
from rbaclens.sources.text import Chunk

RBAC = "rbac.authorization.k8s.io/v1"
NAMES = st.text("abé{}[]:,\"'\\#- x", min_size=1, max_size=6)
RULES = st.fixed_dictionaries(
    {"verbs": st.lists(NAMES, min_size=1, max_size=3), "apiGroups": st.just([""])},
    optional={"resources": st.lists(NAMES, max_size=3), "resourceNames": st.lists(NAMES, max_size=2)},
)
ROLES = st.builds(
    lambda rules, labels, name: {"kind": "ClusterRole", "metadata": {"name": name, "labels": labels}, "rules": rules, "apiVersion": RBAC},
    st.lists(RULES, max_size=3),
    st.dictionaries(NAMES, NAMES, max_size=2),
    st.sampled_from("abé"),
)


def listed(items):
    return {"apiVersion": "v1", "items": items, "kind": "List"}


def text_at(text, location):
    return text.splitlines(keepends=True)[location.line - 1][location.column - 1 :] + "".join(
        text.splitlines(keepends=True)[location.line :]
    )


@settings(max_examples=80, deadline=None)
@given(st.lists(ROLES, min_size=1, max_size=4), st.sampled_from([None, 1]), st.booleans(), st.booleans())
def test_json_positions(roles, indent, ascii_only, nested):
    """In any JSON text the located place of every rule is where that rule's JSON starts."""
    data = listed([{"kind": "Other", "apiVersion": "x/y"}, listed(roles)] if nested else roles)
    text = "\n" + json.dumps(data, indent=indent, ensure_ascii=ascii_only)
    source = read_manifests(text.encode(), "f").text
    for number, role in enumerate(roles):
        origin = Origin("f", 0, ("items", 1, "items", number) if nested else ("items", number))
        for index, rule in enumerate(role["rules"]):
            place = text_at(text.replace("\r", " "), source.locate(origin.child("rules", index)))
            assert json.JSONDecoder().raw_decode(place)[0] == rule
        assert json.JSONDecoder().raw_decode(text_at(text, source.locate(origin)))[0] == role


def marked(data, numbers):
    """``data`` with a unique first verb in every rule."""
    for role in data:
        for rule in role["rules"]:
            rule["verbs"] = [f"mark-{next(numbers)}-", *rule["verbs"]]
    return data


@settings(max_examples=80, deadline=None)
@given(st.lists(ROLES, min_size=1, max_size=3), st.sampled_from([True, False, None]), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_yaml_positions(roles, flow, together, newline):
    """In any YAML text a rule starts where it is located: its own mark follows before any other rule's does."""
    roles = marked(roles, iter(range(100)))
    dump = {"default_flow_style": flow, "allow_unicode": True, "line_break": newline, "sort_keys": False}
    text = f"# first{newline}" + (
        yaml.safe_dump(listed(roles), **dump) if together else yaml.safe_dump_all(roles, explicit_start=True, **dump)
    )
    source = read_manifests(text.encode(), "f").text
    for number, role in enumerate(roles):
        origin = Origin("f", 0, ("items", number)) if together else Origin("f", number)
        for index, rule in enumerate(role["rules"]):
            lines = text.split("\n")
            location = source.locate(origin.child("rules", index))
            rest = "\n".join([lines[location.line - 1][location.column - 1 :], *lines[location.line :]])
            before = lines[location.line - 1][: location.column - 1]
            assert rest[rest.index("mark-") :].startswith(rule["verbs"][0])
            assert rest[0] in "{vra'\"&"
            assert before.rstrip() == "" or before.rstrip()[-1] in "-[,"


def test_places_by_hand():
    """Documents, lists, stdin and merged mappings, counted by eye."""
    text = (
        "# comment\n"
        "%YAML 1.1\n"
        "---\n"
        "apiVersion: rbac.authorization.k8s.io/v1\n"
        "kind: ClusterRole\n"
        "metadata: {name: a}\n"
        "rules:\n"
        "- &r {verbs: [get], apiGroups: [''], resources: [pods]}\n"
        "- <<: *r\n"
        "  verbs: [list]\n"
        "---\n"
        '{"apiVersion": "v1", "kind": "List", "items": [\n'
        ' {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "é"}, "rules":\n'
        '  [{"verbs": ["é"], "apiGroups": ["é"], "resources": ["x"]}, {"verbs": ["get"], "nonResourceURLs": ["/"]}]}]}\n'
    )
    policy = load(["-"], stdin=text.encode, bootstrap=False)
    a, b = policy.roles
    assert policy.locate(a.origin) == Location("-", 4, 1)
    assert policy.locate(a.rule_origin(0)) == Location("-", 8, 3)
    assert policy.locate(a.rule_origin(1)) == Location("-", 9, 3)
    assert policy.locate(a.rule_origin(1).child("resources", 0)) == Location("-", 8, 50)
    assert policy.locate(b.origin) == Location("-", 13, 2)
    assert policy.locate(b.rule_origin(1)) == Location("-", 14, 62)


@pytest.mark.parametrize(
    "path",
    [("nothing",), ("items", 9), ("items", "x"), (5,), ("items", 0, "rules", 7, "verbs"), ("items", 0, "metadata", "name", "x")],
)
def test_origins_that_lead_nowhere(path):
    """An origin without a place is located at what would hold it, never an error."""
    role = {"apiVersion": RBAC, "kind": "ClusterRole", "metadata": {"name": "a"}, "rules": []}
    for text in (json.dumps(listed([role])), yaml.safe_dump(listed([role]))):
        source = read_manifests(text.encode(), "f").text
        assert source.locate(Origin("f", 0, path)).line >= 1
        assert source.locate(Origin("f", 7, path)) == Location("f")


def test_repeated_keys_do_not_mislead():
    """Where a key stands twice the place is that of the whole object, not of something else."""
    text = '{"apiVersion":"v1","kind":"List","items":[{"rules":[],"rules":[{"verbs":["a"]}],"kind":"x","apiVersion":"y/z"}]}'
    source = read_manifests(text.encode(), "f").text
    assert source.locate(Origin("f", 0, ("items", 0, "rules", 0))).column == text.index('{"rules') + 1


@pytest.mark.parametrize(
    "before",
    [
        '"kind":"Role"',
        '"metadata":{"labels":{"rules":"rules"}}',
        r'"metadata":{"annotations":{"was":"{\"rules\": [1]}"}}',
        r'"a\"rules":[2]',
        '"kind":"x","kind":"Role"',
    ],
)
def test_a_key_is_told_from_its_namesakes(before):
    """A key of the same name further inside, in a string or at the end of another key is not taken for it."""
    text = "{" + before + ' , "rules" : [ 3 , {"verbs":["get"]}]}'
    source = SourceText("f", text.encode(), [Chunk(0, text.encode(), True)])
    assert source.locate(Origin("f", 0, ("rules", 1))).column == text.index('{"verbs') + 1


def test_an_assembled_policy_without_texts():
    """Objects that come without a text are located by their file's name alone."""
    policy = assemble(read_manifests(b"", "f").objects, bootstrap=False)
    assert policy.locate(Origin("live")) == Location("live")

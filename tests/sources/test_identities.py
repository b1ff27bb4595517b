"""Identities files: every shape, every place, every error."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.errors import PolicyFileError
from rbaclens.model.identities import fits
from rbaclens.sources.identities import load_identities

DATA = Path(__file__).resolve().parents[1] / "data" / "identities"
NODE = "system:node:ip-10-0-0-1.eu-west-1.compute.internal"


def groups_of(identities, user):
    """The names of a user's groups."""
    return [one.group for one in identities.of_user(user)]


def read(tmp_path, text, name="identities.yaml"):
    """The identities of a file with this text."""
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_identities(str(file))


@pytest.mark.parametrize(
    ("file", "line"),
    [("users.yaml", 4), ("by-user.yaml", 1), ("by-group.json", 4), ("users.csv", 3), ("pairs.csv", 2)],
)
def test_shapes(file, line):
    """Every shape says the same: users to groups, groups to users, and where alice became an oncall person."""
    found = load_identities(str(DATA / file))
    assert groups_of(found, "alice") == ["devs", "oncall"]
    assert groups_of(found, "bob") == ["devs"]
    assert groups_of(found, "carol") == groups_of(found, "dora") == []
    assert sorted(one.user for one in found.in_group("devs")) == ["alice", "bob"]
    assert found.place(found.of_user("alice")[1]) == f"{DATA / file}:{line}"
    assert found.groups_by_user["alice"] == ("devs", "oncall")
    assert ("carol" in found.users) == (file != "pairs.csv")


def test_csv_columns():
    """A header may name more columns, in any case; groups are split at ; and, where there is none, at spaces."""
    found = load_identities(str(DATA / "export.csv"))
    assert found.groups_by_user == {"alice": ("devs", "oncall"), "bob": ("Site Reliability", "devs")}


def test_csv_is_recognised_without_its_ending(tmp_path):
    """Standard input and files of other endings are CSV when their first line is, and YAML otherwise."""
    assert load_identities("-", stdin=lambda: b"# export\nuser,group\nalice,devs\n").groups_by_user == {"alice": ("devs",)}
    assert load_identities("-", stdin=lambda: b"alice: [devs, ops]\n").groups_by_user == {"alice": ("devs", "ops")}
    assert read(tmp_path, gzip.compress(b"alice,devs\n"), "users.csv.gz").groups_by_user == {"alice": ("devs",)}
    assert read(tmp_path, "\ufeffuser,groups\nal,x\n", "bom.csv").groups_by_user == {"al": ("x",)}


def test_csv_quoting(tmp_path):
    """A quoted name may hold commas and line ends; the place is the line on which its row starts."""
    found = read(tmp_path, 'user,group\n"CN=al,O=x",devs\n"two\nlines",ops\nlast,ops\n', "users.csv")
    assert list(found.users) == ["CN=al,O=x", "two\nlines", "last"]
    assert [found.locate(one.origin).line for one in found.in_group("ops")] == [3, 5]


def test_users_merge_and_documents_add_up(tmp_path):
    """A user may stand in several places and documents: the groups add up, each with its first place."""
    found = read(tmp_path, "users:\n- name: al\n  groups: [a]\n- name: al\n  groups: [b, a]\n---\ngroups:\n  c: [al]\n  a: [bo]\n")
    assert found.groups_by_user == {"al": ("a", "b", "c"), "bo": ("a",)}
    assert [found.locate(one.origin).line for one in found.of_user("al")] == [3, 5, 8]


def test_a_user_called_users(tmp_path):
    """The two headings may be names of users: what holds only names beside other users is a user."""
    assert read(tmp_path, "users: [a]\nalice: [b]\n").groups_by_user == {"users": ("a",), "alice": ("b",)}
    assert read(tmp_path, "users:\n  users: [a]\n").groups_by_user == {"users": ("a",)}


def test_an_empty_file(tmp_path):
    """Nothing in the file is nobody in any group."""
    assert read(tmp_path, "# nobody yet\n").users == {}
    assert read(tmp_path, "", "users.csv").users == {}


def test_aws_auth():
    """mapRoles and mapUsers: names, ARNs, lines of the file though the lists are texts inside of it."""
    found = load_identities(str(DATA / "aws-auth.yaml"))
    assert list(found.users) == ["alice"]
    (alice,) = found.of_user("alice")
    assert (alice.group, alice.via) == ("devs", "arn:aws:iam::111122223333:user/alice")
    assert found.place(alice) == f"{DATA / 'aws-auth.yaml'}:25"
    assert groups_of(found, NODE) == ["system:bootstrappers", "system:nodes"]
    assert [found.locate(one.origin).line for one in found.of_user(NODE)] == [11, 12]
    assert groups_of(found, "admin:dora") == ["system:masters"]
    assert [one.user for one in found.in_group("system:masters")] == ["admin:{{SessionName}}"]


def test_aws_auth_notices():
    """What names nobody, or could name anybody, is said and gives nobody a group."""
    found = load_identities(str(DATA / "aws-auth.yaml"))
    assert groups_of(found, "dora") == []
    assert [(found.locate(one.origin).line, one.message.partition(":")[0]) for one in found.notices if one.origin] == [
        (16, '"{{SessionName}}" could become any name'),
        (19, "arn"),
        (26, "mapAccounts admits every IAM user of these accounts, named by their ARN and in no group"),
    ]


def test_aws_auth_of_json(tmp_path):
    """kubectl get -o json writes the lists as one-line texts: the line is the text's."""
    roles = '- rolearn: r\n  username: "x-{{SessionName}}"\n  groups: ["g", "{{AccountID}}"]\n'
    users = "- {userarn: U, username: '{{SessionName}}', groups: [a]}\n- {userarn: u, username: bo, groups: [b]}\n"
    text = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "data": {"mapRoles": roles, "mapUsers": users}}, indent=1)
    found = read(tmp_path, text, "aws.json")
    assert groups_of(found, "x-al") == ["g"]
    assert found.locate(found.of_user("x-al")[0].origin).line == 5
    assert found.groups_by_user == {"bo": ("b",)}, "an ARN counts the last time that it stands there, in any case"
    assert [one.message.split()[0] for one in found.notices] == ["the", "U"]


@pytest.mark.parametrize(
    ("pattern", "user", "expected"),
    [
        ("system:node:{{EC2PrivateDNSName}}", "system:node:ip-1.ec2.internal", True),
        ("system:node:{{EC2PrivateDNSName}}", "system:node:", False),
        ("system:node:{{EC2PrivateDNSName}}", "system:node:a:b", False),
        ("admin:{{SessionName}}", "admin:al.ice@example.com", True),
        ("admin:{{SessionName}}", "xadmin:al", False),
        ("{{AccountID}}-{{SessionName}}", "111122223333-al", True),
        ("{{AccountID}}-{{SessionName}}", "1-al", False),
        ("{{SessionName}}", "al", False),
        ("a.b{{SessionName}}", "axbc", False),
        ("alice", "alice", True),
    ],
)
def test_patterns(pattern, user, expected):
    """A pattern stands for what login makes of it, its fixed text taken literally; one without fixed text is no answer."""
    assert fits(pattern, user) is expected


@pytest.mark.parametrize(
    ("name", "text", "line", "words"),
    [
        ("a.yaml", "users:\n- name: al\n  groups: {a: b}\n", 3, "expected a list of names, not a mapping"),
        ("a.yaml", "users:\n- name: al\n  group: [b]\n", 3, 'nothing called "group"'),
        ("a.yaml", "users:\n- groups: [b]\n", 2, "needs one name"),
        ("a.yaml", "users:\n- name: al\n  user: bo\n", 2, "needs one name"),
        ("a.yaml", "users: [alice, bob]\n", 1, "expected a mapping, not a text"),
        ("a.yaml", "al:\n- a\n- 7\n", 3, "expected a name, not the number 7"),
        ("a.yaml", "al: [yes]\n", 1, "expected a name, not the truth value true"),
        ("a.yaml", "al:\n- ''\n", 2, "a name is empty"),
        ("a.yaml", "users:\n  al: [a]\nextra: {}\n", 3, 'no place for "extra"'),
        ("a.yaml", "groups:\n  devs:\n  - {name: al}\n", 3, "expected a name, not a mapping"),
        ("a.yaml", "groups:\n  '': [al]\n", 2, "a name is empty"),
        ("a.yaml", "groups: 5\n", 1, "expected a mapping, not the number 5"),
        ("a.yaml", "- alice\n", 1, "expected users and groups, not a list"),
        ("a.yaml", "just text\n", 1, "expected users and groups, not a text"),
        ("a.yaml", "al: [a]\nbo: [a]\nal: [b]\n", 3, "stands twice"),
        ("a.yaml", "al: [a\n", 2, "not valid YAML"),
        ("a.yaml", "al: &a [*a]\n", 1, "contains itself"),
        ("a.yaml", "x: " + "[" * 300, 1, "nested deeper than"),
        ("a.json", '{"al": ["a"],\n "al": ["b"]}', 1, "stands twice"),
        ("a.json", '{\n"users": [\n{"name": 3}]}', 3, "expected a name, not the number 3"),
        ("a.json", '{"al": [', 2, "not valid YAML"),
        ("a.csv", "user,groups\nal,a,b\n", 2, "3 columns, where 2 are expected"),
        ("a.csv", "al\n", 1, "1 columns, where 2 are expected"),
        ("a.csv", "al,a\n ,b\n", 2, "the user name is empty"),
        ("a.csv", 'al,a\nbo,"b" x\n', 2, "not valid CSV"),
        ("a.csv", 'al,a\nbo,"b\n', 2, "not valid CSV"),
        ("a.yaml", b"al: [\xff]\n", 1, "not valid UTF-8"),
        ("a.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n", 1, "is not aws-auth"),
        ("a.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  mapRoles: [a]\n", 4, "expected a text that holds a list, not a list"),
        ("a.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  mapRoles: |\n    a: b\n", 5, "expected a list, not a mapping"),
        ("a.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  mapUsers: |\n    - a\n", 5, "expected a mapping, not a text"),
        ("a.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  mapRoles: |\n    - username: {{Session}}\n", 5, "key"),
        ("a.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  mapUsers: |\n    - userarn: [r]\n", 5, "userarn and username are texts"),
        (
            "a.yaml",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  mapUsers: |\n    - userarn: r\n      groups:\n      - 5\n",
            7,
            "not the number 5",
        ),
    ],
)
def test_errors(tmp_path, name, text, line, words):
    """What cannot be read is refused with its line and what was expected."""
    with pytest.raises(PolicyFileError, match=words) as error:
        read(tmp_path, text, name)
    assert (error.value.file, error.value.line) == (str(tmp_path / name), line)


def test_unreadable_files(tmp_path):
    """A file that is not there, and a folder, are named."""
    for path in (tmp_path / "missing.yaml", tmp_path):
        with pytest.raises(PolicyFileError, match="cannot be read"):
            load_identities(str(path))


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6).filter(
    lambda name: name.strip() == name
)
TABLES = st.dictionaries(NAMES.filter(lambda n: n not in ("users", "groups")), st.lists(NAMES, max_size=3, unique=True), max_size=4)


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_forms_agree(table):
    """The same table as JSON by user, as a list, and by group reads the same, and the reverse look-up is its reverse."""
    by_user = load_identities("-", stdin=lambda: json.dumps(table, ensure_ascii=False).encode())
    listed = json.dumps({"users": [{"name": user, "groups": groups} for user, groups in table.items()]}, ensure_ascii=False)
    assert load_identities("-", stdin=listed.encode).groups_by_user == by_user.groups_by_user == {u: tuple(g) for u, g in table.items()}
    members = {(one.user, one.group) for group in by_user.groups for one in by_user.in_group(group)}
    assert members == {(user, group) for user, groups in table.items() for group in groups}


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=60) | st.text("ab:-[]{},\"'\n #&*|", max_size=40).map(str.encode), st.sampled_from(["a.yaml", "a.csv", "a"]))
def test_nothing_but_our_errors(tmp_path_factory, data, name):
    """Whatever stands in the file, it is read or refused in our own words."""
    file = tmp_path_factory.getbasetemp() / name
    file.write_bytes(data)
    try:
        load_identities(str(file))
    except PolicyFileError as error:
        assert error.message

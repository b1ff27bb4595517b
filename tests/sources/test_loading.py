"""Files, folders and standard input to a ``PolicySet``."""

from __future__ import annotations

import gc
import gzip
import io
import json
import os
import subprocess
import sys

import pytest
import yaml

from rbaclens.errors import AbacFileError, PolicyFileError
from rbaclens.facts import bootstrap_bytes
from rbaclens.model.location import Origin
from rbaclens.sources import load

RBAC = "rbac.authorization.k8s.io/v1"
RULE = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
ABAC = '{"user":"bob"}\n'


def role(name="r", kind="Role", **more):
    metadata = {"name": name} if kind == "ClusterRole" else {"name": name, "namespace": "ns"}
    return {"apiVersion": RBAC, "kind": kind, "metadata": metadata, "rules": [RULE], **more}


def names(policy):
    return [one.name for one in policy.roles]


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")


def test_folders(tmp_path):
    """Folders are read sorted and with all below them; hidden files, other endings and ignored ones are left out."""
    write(
        tmp_path,
        {
            "b.yaml": yaml.safe_dump(role("b")),
            "a/z.yml": yaml.safe_dump(role("az")),
            "a/y.JSON": role("ay"),
            "a/skipped.json": role("no"),
            "c.ndjson": json.dumps(role("c1")) + "\n" + json.dumps(role("c2")) + "\n",
            "d.json.gz": gzip.compress(json.dumps(role("d")).encode()),
            "e.policy": role("e"),
            "f.jsonl": role("f"),
            "charts/x/t.yaml": "{{ broken",
            ".hidden.yaml": "{{ broken",
            ".git/x.yaml": "{{ broken",
            "README.md": "{{ broken",
            "values.yaml": "replicas: 1",
            ".rbaclensignore": "# what is not ours\n\n/charts/\n**/skipped.*\n",
        },
    )
    policy = load([str(tmp_path)], bootstrap=False)
    assert names(policy) == ["ay", "az", "b", "c1", "c2", "d", "e", "f"]
    assert policy.roles[2].origin.file == f"{tmp_path}/b.yaml"
    assert [notice.origin.file for notice in policy.notices] == [f"{tmp_path}/values.yaml"]
    assert policy.abac is None


def test_links_in_folders(tmp_path):
    """Links are followed, once round and no further."""
    write(tmp_path, {"real/a.yaml": yaml.safe_dump(role("a"))})
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.yaml").symlink_to(tmp_path / "real" / "a.yaml")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    assert names(load([str(tmp_path / "in")], bootstrap=False)) == ["a"]
    (tmp_path / "in" / "c.yaml").symlink_to("nowhere")
    with pytest.raises(PolicyFileError, match="No such file"):
        load([str(tmp_path / "in")])


def test_an_explicit_file_has_any_ending(tmp_path):
    """A file that is named is read whatever it is called."""
    write(tmp_path, {"policy.txt": yaml.safe_dump(role("a")), "packed": gzip.compress(json.dumps(role("b")).encode())})
    assert names(load([f"{tmp_path}/policy.txt", f"{tmp_path}/packed"], bootstrap=False)) == ["a", "b"]


def test_standard_input():
    """``-`` reads standard input, once, of whatever kind it is, and positions work."""
    for data in (json.dumps(role()).encode(), b"\n" + yaml.safe_dump(role()).encode(), gzip.compress(json.dumps(role()).encode())):
        policy = load(["-", "-"], stdin=io.BytesIO(data).read, bootstrap=False)
        assert names(policy) == ["r"]
        assert policy.locate(policy.roles[0].rule_origin(0)).line >= 1
    assert load(["-"], stdin=ABAC.encode).abac[0].user == "bob"
    with pytest.raises(PolicyFileError, match="standard input"):
        load(["-"])


def test_abac_files(tmp_path):
    """ABAC files are recognised by what they hold, or named as such; without any there is no ABAC policy."""
    write(
        tmp_path,
        {"a.jsonl": "# bob\n" + ABAC, "b.abac": "user: carol\n", "c.yaml": yaml.safe_dump(role()), "empty": "", "odd": "user: dan\n"},
    )
    policy = load([str(tmp_path)], bootstrap=False)
    assert [(one.user, one.line) for one in policy.abac] == [("bob", 2), ("carol", 1)]
    assert "one file only" in policy.notices[0].message
    assert policy.locate(policy.abac[0].origin).line == 2
    assert names(policy) == ["r"]
    assert load([], abac_file=f"{tmp_path}/empty").abac == ()
    assert load([], abac_file=f"{tmp_path}/odd").abac[0].user == "dan"
    assert load([]).abac is None
    write(tmp_path, {"text": "just text", "bad.jsonl": ABAC + "{"})
    with pytest.raises(AbacFileError, match="couldn't get version/kind"):
        load([], abac_file=f"{tmp_path}/text")
    with pytest.raises(AbacFileError, match=r"bad\.jsonl:2: \{: "):
        load([f"{tmp_path}/bad.jsonl"])


def test_bootstrap():
    """Files are judged on top of the API server's own objects, unless told otherwise (RBAC-47)."""
    policy = load([])
    assert {"cluster-admin", "view", "system:node"} <= set(names(policy))
    assert policy.roles[0].origin.file == "bootstrap"
    assert policy.locate(policy.roles[0].origin).file == "bootstrap"
    assert policy.notices == ()
    assert load([], bootstrap=False).roles == ()


def test_bootstrap_aggregates_to_itself():
    """The shipped aggregated roles are what aggregation makes of the others, in order (RBAC-41, RBAC-59)."""
    stored = {one["metadata"]["name"]: one.get("rules") or [] for one in json.loads(bootstrap_bytes())["items"]}
    for one in load([]).roles:
        if one.aggregation is not None:
            assert [[list(rule.verbs), list(rule.resources)] for rule in one.rules] == [
                [rule["verbs"], rule["resources"]] for rule in stored[one.name]
            ]
            assert one.gathered


def test_files_replace_bootstrap_objects(tmp_path):
    """An object of the files stands in the place of the default one of its name; new sources flow into admin, edit and view."""
    more = role("more", "ClusterRole")
    more["metadata"]["labels"] = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    more["rules"] = [{"apiGroups": ["example.com"], "resources": ["widgets"], "verbs": ["get"]}]
    write(tmp_path, {"a.json": role("system:basic-user", "ClusterRole"), "b.json": more})
    policy = load([str(tmp_path)])
    found = {one.name: one for one in policy.roles if one.kind == "ClusterRole"}
    assert found["system:basic-user"].origin.file == f"{tmp_path}/a.json"
    assert len(policy.roles) == len(load([]).roles) + 1
    for name in ("admin", "edit", "view"):
        index = [rule.resources for rule in found[name].rules].index(("widgets",))
        assert found[name].rule_origin(index) == Origin(f"{tmp_path}/b.json", 0, ("rules", 0))
    assert policy.notices == ()


def test_a_whole_cluster_brings_its_own_bootstrap_policy(tmp_path):
    """With a ClusterRole cluster-admin in the input nothing is put beneath it."""
    write(tmp_path, {"a.json": role("cluster-admin", "ClusterRole")})
    assert names(load([str(tmp_path)])) == ["cluster-admin"]


def test_the_last_of_one_name_counts(tmp_path):
    """Objects that stand twice: the last wins, and a notice names both places."""
    twice = "---\n".join(yaml.safe_dump(role(rules=[{**RULE, "verbs": [verb]}])) for verb in ("get", "list"))
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {}}
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "w"}}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "s", "namespace": "ns"}}
    others = {"apiVersion": "v1", "kind": "List", "items": [pod, pod, definition, definition, account, account]}
    write(tmp_path, {"a.yaml": twice, "b.json": others})
    policy = load([str(tmp_path)], bootstrap=False)
    assert [one.rules[0].verbs for one in policy.roles] == [("list",)]
    messages = [notice.message for notice in policy.notices]
    assert messages[0] == f"Role ns/r stands twice: {tmp_path}/a.yaml:1 and {tmp_path}/a.yaml:14; the last one counts"
    assert {message.split(" stands")[0] for message in messages[1:]} == {
        "Pod default/p",
        "CustomResourceDefinition w",
        "ServiceAccount ns/s",
    }
    assert (len(policy.node_graph.pods), len(policy.service_accounts)) == (1, 1)


def test_unreadable_paths(tmp_path):
    """Whatever cannot be read is one clear error that names it."""
    write(tmp_path, {"ok.json": role(), "cut.json.gz": gzip.compress(b"{}" * 99)[:-9], "bad.gz": b"\x1f\x8b rubbish"})
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    cases = {
        "missing.yaml": "No such file",
        "empty": "holds no policy file",
        "pipe.yaml": "not a regular file",
        "cut.json.gz": "cannot be read",
        "bad.gz": "cannot be read",
        "ok.json/x": "Not a directory",
        "a\0b": "cannot be read",
        "x" * 300: "name too long",
        "\udcff.yaml": "No such file",
    }
    for name, words in cases.items():
        with pytest.raises(PolicyFileError, match=words) as caught:
            load([f"{tmp_path}/{name}"])
        str(caught.value).encode()
    with pytest.raises(PolicyFileError, match="not a regular file"):
        load(["/dev/null"])
    (tmp_path / "cut.json.gz").unlink()
    with pytest.raises(PolicyFileError, match=r"pipe\.yaml: cannot be read: not a regular file"):
        load([str(tmp_path)])


def test_permission_denied(tmp_path, monkeypatch):
    """Files and folders without permission are errors too."""

    def refuse(self, *args):
        raise PermissionError(13, "Permission denied", str(self))

    write(tmp_path, {"a.json": role(), "in/b.json": role()})
    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    with pytest.raises(PolicyFileError, match="Permission denied"):
        load([f"{tmp_path}/a.json"])
    monkeypatch.setattr("pathlib.Path.iterdir", refuse)
    with pytest.raises(PolicyFileError, match="Permission denied"):
        load([str(tmp_path)])


def test_stdin_that_fails():
    """An error of standard input is an error of the file ``-``."""

    def fail():
        raise OSError(5, "Input/output error")

    with pytest.raises(PolicyFileError, match="-: cannot be read: Input/output error"):
        load(["-"], stdin=fail)


def test_bad_files_become_gaps(tmp_path):
    """On request bad files are left out whole, and each is named as a gap."""
    half = yaml.safe_dump(role("half")) + "---\nkind: {"
    write(tmp_path, {"a.yaml": yaml.safe_dump(role("a")), "b.yaml": half, "c.jsonl": ABAC + "{", "d.yaml": "\0"})
    policy = load([str(tmp_path), f"{tmp_path}/missing"], skip_bad_files=True, abac_file=f"{tmp_path}/none", bootstrap=False)
    assert names(policy) == ["a"]
    assert policy.abac is None
    assert [gap.split(":")[0] for gap in policy.gaps] == [
        f"{tmp_path}/{name}" for name in ("b.yaml", "c.jsonl", "d.yaml", "missing", "none")
    ]
    with pytest.raises(PolicyFileError):
        load([str(tmp_path)])


def test_progress(tmp_path):
    """Progress tells files done and files in all."""
    write(tmp_path, {"a.json": role("a"), "b.json": role("b"), "abac": ABAC})
    told = []
    load([str(tmp_path)], abac_file=f"{tmp_path}/abac", progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_collector_is_left_as_it_was(tmp_path):
    """Loading pauses garbage collection and restores it, also after an error."""
    assert gc.isenabled()
    with pytest.raises(PolicyFileError):
        load([f"{tmp_path}/missing"])
    assert gc.isenabled()
    gc.disable()
    try:
        load([])
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_importing_does_not_import_yaml():
    """The start is quick: PyYAML comes with the first YAML text."""
    code = "import sys, rbaclens.sources as s; s.load([]); sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _written(tmp_path, *objects, name="a.json"):
    items = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    write(tmp_path, {name: items})
    return load([str(tmp_path / name)])


def test_what_the_server_refuses_is_kept_beside(tmp_path):
    """The object, its place and its faults; among the roles it is not."""
    policy = _written(tmp_path, role(), role("bad", rules=[{"verbs": ["get"]}]))
    (one,) = policy.written.refused
    assert (one.obj.name, one.obj.origin.path) == ("bad", ("items", 1))
    assert [fault.field for fault in one.faults] == ["rules[0].apiGroups", "rules[0].resources"]
    assert "bad" not in names(policy)


def test_older_versions_are_kept_beside(tmp_path):
    """By the place of the object, in and out of lists; v1 is not worth a word."""
    old, older = (role(name, apiVersion=f"rbac.authorization.k8s.io/{name}") for name in ("v1beta1", "v1alpha1"))
    policy = _written(tmp_path, role(), old, older)
    assert list(policy.written.versions.values()) == ["v1beta1", "v1alpha1"]
    assert {one.name for one in policy.roles if one.origin in policy.written.versions} == {"v1beta1", "v1alpha1"}
    write(tmp_path, {"b.json": old})
    assert list(load([str(tmp_path / "b.json")]).written.versions.values()) == ["v1beta1"]


def test_namespaces_are_kept_as_written(tmp_path):
    """Which object had none, and which one that the API server drops."""
    unplaced, misplaced = role(metadata={"name": "r"}), role("c", "ClusterRole", metadata={"name": "c", "namespace": "shop"})
    written = _written(tmp_path, role("fine"), unplaced, role("d", "ClusterRole"), misplaced).written
    assert [origin.path for origin in written.unplaced] == [("items", 1)]
    assert {origin.path: namespace for origin, namespace in written.misplaced.items()} == {("items", 3): "shop"}


def test_replaced_objects_are_kept_beside(tmp_path):
    """Of objects of one name the earlier ones."""
    policy = _written(tmp_path, role("twice", rules=[]), role("once"), role("twice"))
    assert [(one.name, one.origin.path) for one in policy.written.replaced] == [("twice", ("items", 0))]


def test_own_rules_of_aggregated_roles_are_kept_beside(tmp_path):
    """They are not in force; the API server's own roles and those of a snapshot hold what the controller wrote."""
    selector = {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}
    policy = _written(tmp_path, role("sum", "ClusterRole", aggregationRule=selector), role("none", "ClusterRole"))
    assert [len(rules) for rules in policy.written.own_rules.values()] == [1]
    assert next(one for one in policy.roles if one.name == "sum").rules == ()


def test_bad_abac_lines_are_gaps_where_that_is_wanted(tmp_path):
    """The good lines count, and the bad ones are kept with the server's words; otherwise the first is an error."""
    write(tmp_path, {"p.abac": f"{ABAC}{{bad\n# fine\n[]\n{ABAC}"})
    policy = load([str(tmp_path / "p.abac")], keep_bad_lines=True)
    assert [one.line for one in policy.abac] == [1, 5]
    assert [(one.line.line, one.line.written) for one in policy.written.refused_lines] == [(2, "{bad"), (4, "[]")]
    assert [gap.split(": ")[0].rpartition(":")[2] for gap in policy.gaps] == ["2", "4"]
    with pytest.raises(AbacFileError):
        load([str(tmp_path / "p.abac")])

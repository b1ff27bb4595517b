"""``rbaclens can-apply``: the API server's answer to roles and bindings, one by one and in bulk (ESC-01 to ESC-39, VAL-01)."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from rbaclens.cli.can_apply import command
from rbaclens.errors import PolicyFileError, UsageError

CONFORMANCE = Path(__file__).parents[1] / "conformance"

POLICY = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: author}
rules:
- {apiGroups: [rbac.authorization.k8s.io], resources: [roles, rolebindings], verbs: [create, patch]}
- {apiGroups: [""], resources: [pods], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: author, namespace: demo}
subjects: [{kind: User, name: alice}]
roleRef: {kind: ClusterRole, name: author, apiGroup: rbac.authorization.k8s.io}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: old, namespace: demo}
rules:
- {apiGroups: [""], resources: [pods], verbs: [get]}
"""


def role(name="reader", verbs="get", resources="pods", namespace="demo", extra=""):
    return f"""
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: {name}, namespace: {namespace}}}
rules:
- {{apiGroups: [""], resources: [{resources}], verbs: [{verbs}]{extra}}}
"""


def binding(ref="reader", kind="Role", name="readers"):
    return f"""
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: {name}, namespace: demo}}
subjects: [{{kind: User, name: bob}}]
roleRef: {{kind: {kind}, name: {ref}, apiGroup: rbac.authorization.k8s.io}}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the policy, in which the command runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RBACLENS_POLICIES", raising=False)
    (tmp_path / "policy.yaml").write_text(POLICY)
    return tmp_path


def run(*arguments, text=None):
    return CliRunner().invoke(command, ["-q", *arguments], input=text, catch_exceptions=True)


def judge(*documents, arguments=(), user="alice"):
    """The answers (data) to documents, and the exit code."""
    result = run("-f", "policy.yaml", "--as", user, "-o", "json", *arguments, "-", text="\n---\n".join(documents))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return json.loads(result.stdout)["objects"], result.exit_code


def test_what_is_held_may_be_granted(folder):
    """ESC-07: a role of rules that the user holds is stored."""
    [answer], code = judge(role())
    assert (answer["answer"], answer["code"], answer["message"], code) == ("yes", 201, "", 0)
    assert answer["at"] == {"file": "-", "line": 2}


def test_the_missing_rules_and_what_would_help(folder):
    """ESC-09: the server's message with the groups that count, the missing rules, and the verb that lifts the check."""
    [answer], code = judge(role(verbs="get, list", resources="pods, secrets"))
    assert (answer["answer"], answer["code"], code) == ("no", 403, 1)
    assert 'user "alice" (groups=["system:authenticated"]) is attempting to grant' in answer["message"]
    assert answer["missing"] == [
        {"verbs": ["list"], "apiGroups": [""], "resources": ["pods"]},
        {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["secrets"]},
    ]
    assert answer["hints"] == ["holding the missing rules in namespace demo would do, or the verb escalate on roles there"]


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        (role(resources="secrets"), "{apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: [escalate]}"),
        (
            binding("edit", "ClusterRole"),
            "{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [edit], verbs: [bind]}",
        ),
        (binding("gone"), "{apiGroups: [rbac.authorization.k8s.io], resources: [roles], resourceNames: [gone], verbs: [bind]}"),
    ],
)
def test_the_hints_are_true(folder, document, rule):
    """ESC-05, ESC-33: with the verb that the hint names, the object is stored."""
    [answer], _ = judge(document)
    assert answer["code"] in {403, 404}
    assert ("escalate on roles" if "escalate" in rule else "bind on") in answer["hints"][0]
    (folder / "policy.yaml").write_text(POLICY.replace("rules:\n", f"rules:\n- {rule}\n", 1))
    [answer], code = judge(document)
    assert (answer["code"], code) == (201, 0)


def test_an_object_that_is_there_is_an_update(folder):
    """ESC-03, ESC-04: the policy's own object is patched: unchanged 200, with more than is held 403."""
    [same, more], code = judge(role("old"), role("old", verbs="delete"))
    assert (same["code"], more["code"], code) == (200, 403, 1)
    assert more["hints"][0].endswith("escalate on roles old there")


def test_a_binding_finds_the_role_before_it(folder):
    """ESC-34: a role that is not there is a 404, unless the same call would store it before."""
    [alone], code = judge(binding())
    assert (alone["code"], code) == (404, 1)
    assert "has to be there first" in alone["hints"][0]
    answers, code = judge(role(), binding())
    assert [answer["code"] for answer in answers] == [201, 201]
    assert (answers[1]["after"], code) == ("Role demo/reader", 0)
    answers, code = judge(role(verbs="delete"), binding())
    assert [answer["code"] for answer in answers] == [403, 404]


@pytest.mark.parametrize(
    ("document", "code", "text"),
    [
        (role(extra=", nonResourceURLs: [/x]"), 403, "attempting to grant"),
        (role(name="a%2fb"), 422, "may not contain"),
        (role(extra=", bogus: 1"), 400, 'unknown field \\"rules[0].bogus\\"'),
        (role(namespace="other"), 403, 'cannot create resource \\"roles\\"'),
    ],
)
def test_other_refusals(folder, document, code, text):
    """The server's order: authorization, decoding, escalation, validation (VAL-01)."""
    result = run("-f", "policy.yaml", "--as", "alice", "-o", "jsonl", "-", text=document)
    answer = json.loads(result.stdout)
    assert (answer["code"], result.exit_code) == (code, 1)
    assert text in result.stdout


def test_the_namespace_of_objects_that_name_none(folder):
    """-n is the request's namespace; an object of another one is a 400."""
    bare = role().replace(", namespace: demo", "")
    assert judge(bare)[0][0]["namespace"] == "default"
    [answer], code = judge(bare, arguments=("-n", "demo"))
    assert (answer["namespace"], answer["code"], code) == ("demo", 201, 0)
    assert judge(role(), arguments=("-n", "other"), user="alice")[0][0]["code"] == 403


def test_groups_are_implied_unless_exact(folder):
    """ATTR-15, ATTR-16: --as is a person or service account, with the groups that authentication adds."""
    result = run("-f", "policy.yaml", "--as", "sa:demo/x", "-o", "json", "-", text=role())
    assert json.loads(result.stdout)["groups"] == ["system:serviceaccounts", "system:serviceaccounts:demo", "system:authenticated"]
    result = run("-f", "policy.yaml", "--as", "root", "--as-group", "system:masters", "--exact-groups", "-o", "name", "-", text=role())
    assert (result.stdout, result.exit_code) == ("yes\n", 0)


def test_an_unknown_is_no_refusal(folder):
    """A webhook that was not asked makes a refusal unknown: exit code 3."""
    kubeconfig = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {}}],
    }
    (folder / "hook.json").write_text(json.dumps(kubeconfig))
    mode = ("--authorization-mode", "RBAC,Webhook", "--authorization-webhook-config-file", "hook.json")
    result = run("-f", "policy.yaml", "--as", "bob", *mode, "-", text=role())
    assert (result.stdout.split()[0], result.exit_code) == ("unknown", 3)
    assert "was not asked" in result.stdout
    denied = run("-f", "policy.yaml", "--as", "bob", *mode, "--webhook", "default=no-opinion", "-", text=role())
    assert denied.exit_code == 1


def test_uid_and_extra_reach_the_conditions_of_webhooks(folder):
    """The user's uid is part of what match conditions see (WH-02)."""
    from rbaclens.cli.can_apply import _WithExtra
    from rbaclens.model.request import Request

    seen = []

    class Recorder:
        def decide(self, request):
            seen.append(request)

    _WithExtra(Recorder(), "u-1", {"k": ("v",)}).decide(Request("get", "pods", user="bob"))
    assert (seen[0].uid, seen[0].extra, seen[0].user) == ("u-1", {"k": ("v",)}, "bob")


def test_text(folder):
    """One line an object, then the server's words, the missing rules and the hint, each on a line of its own."""
    result = run("-f", "policy.yaml", "--as", "alice", "-", text=role() + "---" + role("more", "delete"))
    lines = result.stdout.splitlines()
    assert lines[0] == "yes     Role demo/reader: would be created (201)  (-:2)"
    assert lines[1] == "no      Role demo/more: refused (403)  (-:8)"
    assert lines[2].startswith('  server    roles.rbac.authorization.k8s.io "more" is forbidden')
    assert "  missing   delete pods" in lines
    assert lines[-1].startswith("  hint      holding the missing rules")


def test_filename_without_object_is_what_is_to_be_applied(folder):
    """As kubectl's -f: the policy comes from ./policies, or is the default one where there is none."""
    (folder / "new.yaml").write_text(role())
    alone = CliRunner().invoke(command, ["-f", "new.yaml", "--as", "alice"])
    assert (alone.exit_code, alone.stderr) == (1, "policy: the default roles and bindings alone\n")
    (folder / "policies").mkdir()
    (folder / "policies" / "policy.yaml").write_text(POLICY)
    found = CliRunner().invoke(command, ["-f", "new.yaml", "--as", "alice"])
    assert (found.exit_code, found.stderr) == (0, "policy: ./policies\n")


def test_lists_folders_json_and_what_is_no_rbac(folder):
    """Items of a List are judged one by one, JSON as YAML; other kinds are passed over with a line on stderr."""
    item = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "x"}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}
    (folder / "new").mkdir()
    (folder / "new" / "a.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [pod, item]}))
    (folder / "new" / "b.yaml").write_text(
        "kind: List\napiVersion: v1\nitems:" + textwrap.indent(role(), "  ").replace("\n  api", "\n- api")
    )
    result = CliRunner().invoke(command, ["-f", "policy.yaml", "--as", "alice", "-o", "jsonl", "new"])
    assert [json.loads(line)["kind"] for line in result.stdout.splitlines()] == ["ClusterRole", "Role"]
    assert "new/a.json:1: Pod is passed over" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "text", "error", "message"),
    [
        (["-f", "policy.yaml"], "", UsageError, "say who applies"),
        (["--as", "bob"], "", UsageError, "say what to apply"),
        (["--as", "group:devs", "-f", "policy.yaml", "-"], role(), UsageError, "only a user"),
        (["--as", "bob", "-f", "-", "-"], role(), UsageError, "stdin cannot be both"),
        (["--as", "bob", "-f", "policy.yaml", "-"], "kind: Pod\napiVersion: v1\n", UsageError, "no role or binding"),
        (["--as", "bob", "-f", "policy.yaml", "-"], "just a text", PolicyFileError, "expected a Kubernetes object"),
        (
            ["--as", "bob", "-f", "policy.yaml", "-"],
            "kind: RoleList\napiVersion: v1\nitems: [{}]",
            PolicyFileError,
            "expected a Kubernetes object",
        ),
        (["--as", "bob", "-f", "policy.yaml", "-"], "a: [", PolicyFileError, "not valid YAML"),
        (["--as", "bob", "-f", "policy.yaml", "-"], '{"a": 1', PolicyFileError, "not valid"),
        (
            ["--as", "bob", "-f", "policy.yaml", "-"],
            "kind: Robot\napiVersion: rbac.authorization.k8s.io/v1\n",
            PolicyFileError,
            "not an RBAC",
        ),
        (["--as", "bob", "-f", "policy.yaml", "missing.yaml"], "", PolicyFileError, "cannot be read"),
        (["--as", "bob", "-"], role(), UsageError, "no policy to judge by"),
        (["--as", "bob", "-f", "policy.yaml", "--requests", "-"], "", UsageError, "says who and what"),
        (["-f", "policy.yaml", "--requests", "missing"], "", PolicyFileError, "cannot be read"),
    ],
)
def test_wrong_usage(folder, arguments, text, error, message):
    """What does not fit together or cannot be read is an error of ours, with exit code 2."""
    result = run(*arguments, text=text)
    assert isinstance(result.exception, error), result.exception
    assert message in str(result.exception)
    assert result.exception.exit_code == 2


def bulk(*arguments, lines):
    result = run("--requests", "-", "-o", "jsonl", *arguments, text="\n".join(map(json.dumps, lines)))
    return [json.loads(line) for line in result.stdout.splitlines()], result


def recorded(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.parametrize("folder_", sorted(CONFORMANCE.glob("escalation-*")), ids=lambda path: path.name)
def test_recorded_escalations_in_bulk(folder_):
    """Code and whole message of a real server's dry runs, through the command line; a refusal is still an answer (exit 0)."""
    records = recorded(folder_ / "escalation.jsonl")[:100]
    lines = [{key: record[key] for key in ("user", "groups", "object")} for record in records]
    answers, result = bulk("-f", str(folder_ / "objects.json"), lines=lines)
    assert answers == [{"code": record["code"], "message": record["message"], "causes": []} for record in records]
    assert result.exit_code == 0


@pytest.mark.parametrize("folder_", sorted(CONFORMANCE.glob("validation-*")), ids=lambda path: path.name)
def test_recorded_validations_in_bulk(folder_, folder):
    """Code, message and causes of a real server; the requests went to the namespace default."""
    records = recorded(folder_ / "validation.jsonl")
    lines = [{"user": "root", "groups": ["system:masters"], "object": record["object"]} for record in records]
    answers, result = bulk("-f", "policy.yaml", "-n", "default", lines=lines)
    assert answers == [{"code": r["code"], "message": r["message"] or "", "causes": r["causes"]} for r in records]
    assert result.exit_code == 0


def test_bulk_goes_on_after_a_bad_line(folder):
    """A line that cannot be read is answered with its error and number; the exit code is 2."""
    item = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "x", "namespace": "demo"}}
    good = {"user": "alice", "groups": [], "object": item}
    answers, result = bulk("-f", "policy.yaml", lines=[good, {"user": "alice"}, {**good, "object": {"kind": "Pod"}}, good])
    assert [answer.get("code") for answer in answers] == [201, None, None, 201]
    assert [answer.get("line") for answer in answers] == [None, 2, 3, None]
    assert result.exit_code == 2
    assert "error: stdin:2: not a line with user, groups and object" in result.stderr


def test_bulk_exit_code_of_an_unknown(folder):
    """Policy that could not be read makes a refusal uncertain: exit code 3, and the line says why."""
    (folder / "broken.yaml").write_text("a: [")
    item = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "x", "namespace": "other"}}
    answers, result = bulk(
        "-f", "policy.yaml", "-f", "broken.yaml", "--skip-bad-files", lines=[{"user": "alice", "groups": [], "object": item}]
    )
    assert result.exit_code == 3
    assert "broken.yaml" in answers[0]["unknown"][0]

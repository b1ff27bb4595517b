"""``rbaclens check`` as a person uses it, from the project's root, on the sample policies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from rbaclens.cli import cli

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def at_root(monkeypatch):
    """Run where ./policies is."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("RBACLENS_POLICIES", raising=False)
    monkeypatch.setenv("KUBECONFIG", os.devnull)


def run(*arguments, stdin=None, **environment):
    """A real process: exit code, stdout, stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "rbaclens", *arguments],
        capture_output=True,
        text=True,
        input=stdin,
        env={**os.environ, **environment},
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_main_job():
    """The README's example: yes, with file and line, and one line on stderr says where policy came from."""
    code, out, err = run("check", "bob", "get", "pods", "-n", "projectCaribou")
    assert code == 0
    assert out.startswith("yes\n")
    assert "policies/bob.jsonl:2" in out
    assert err == "policy: ./policies\n"


def test_start_imports_neither_the_client_nor_networkx():
    """What check needs is quick to import; webhooks and CEL are not touched either."""
    script = (
        "import sys; sys.argv = ['rbaclens', 'check', 'bob', 'get', 'pods', '-q']\n"
        "from rbaclens.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print({'kubernetes', 'networkx', 'tabulate', 'cel_expr_python', 'ssl', 'rbaclens.live'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")


@pytest.mark.parametrize(
    ("arguments", "code", "answer"),
    [
        (["bob", "get", "pods", "-n", "projectCaribou"], 0, "yes"),
        (["bob", "delete", "pods", "-n", "projectCaribou"], 1, "no"),
        (["bob", "get", "pods", "-n", "projectcaribou"], 1, "no"),
        (["Bob", "get", "pods", "-n", "projectCaribou"], 1, "no"),
        (["bob", "get", "pods.unicorn.example.org", "-n", "projectCaribou", "--force"], 1, "no"),
        (["bob", "get", "/version"], 0, "yes"),
        (["anonymous", "get", "/version"], 0, "yes"),
        (["anonymous", "get", "/metrics"], 1, "no"),
        (["group:devs", "get", "deploy", "web", "-n", "shop"], 0, "yes"),
        (["alice", "get", "pods/log", "web-0", "-n", "shop", "--as-group", "devs"], 0, "yes"),
        (["alice", "get", "pods", "web-0", "-n", "shop", "--subresource", "log", "--group", "devs"], 0, "yes"),
        (["alice", "get", "pods/exec", "web-0", "-n", "shop", "--as-group", "devs"], 1, "no"),
        (["sa:shop/deployer", "get", "secrets/registry", "-n", "shop"], 0, "yes"),
        (["sa:shop/deployer", "list", "secrets", "-n", "shop"], 1, "no"),
        (["sa:monitoring/prober", "get", "/healthz/etcd"], 0, "yes"),
        (["sa:monitoring/prober", "get", "/healthz"], 0, "yes"),  # by the default role for everybody
        (["nobody", "get", "pods", "-A", "--as-group", "oncall"], 0, "yes"),
        (["root", "delete", "nodes", "--as-group", "system:masters"], 0, "yes"),
        (["bob", "create", "selfsubjectaccessreviews"], 0, "yes"),
        (["bob", "create", "selfsubjectaccessreviews", "--exact-groups"], 1, "no"),
        (["bob", "create", "selfsubjectaccessreviews", "--no-bootstrap"], 1, "no"),
        (["node:n1", "create", "events", "-n", "shop"], 0, "yes"),
        (["bob", "get", "pods", "--authorization-mode", "AlwaysAllow"], 0, "yes"),
        (["bob", "get", "pods", "-n", "projectCaribou", "--authorization-mode", "Node,RBAC"], 1, "no"),
        (["bob", "get", "pods", "-n", "projectCaribou", "--authorization-mode", "ABAC"], 0, "yes"),
        (
            ["bob", "get", "pods", "-n", "projectCaribou", "-f", "policies/shop.yaml", "--authorization-policy-file", "policies/bob.jsonl"],
            0,
            "yes",
        ),
        (["bob", "--http", "GET /api/v1/namespaces/projectCaribou/pods?watch=true"], 0, "yes"),
    ],
)
def test_answers_and_exit_codes(arguments, code, answer):
    """Exit 0 for yes and 1 for no; -o name prints the answer alone."""
    result = CliRunner().invoke(cli, ["check", *arguments, "-q", "-o", "name"])
    assert (result.exit_code, result.stdout) == (code, f"{answer}\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["check", "bob", "get", "deploymets"], "did you mean deployments"),
        (["check", "bob", "GET", "pods"], "get"),
        (["check", "bob", "get"], "VERB RESOURCE"),
        (["check"], "SUBJECT"),
        (["check", "usr:bob", "get", "pods"], "user:bob"),
        (["check", "bob", "get", "pods", "-f", "missing.yaml"], "missing.yaml"),
        (["check", "bob", "--http", "GET /api/v1/watch"], "unable to determine kind and namespace"),
        (["check", "bob", "get", "pods", "--authorization-mode", "RBAC,RBAC"], "more than once"),
        (["check", "bob", "get", "pods", "--authorization-config", "missing.yaml"], "missing.yaml"),
        (["check", "bob", "get", "pods", "--webhook", "x=allow"], "no webhook"),
        (["check", "bob", "get", "pods", "--extra", "nonsense"], "KEY=VALUE"),
        (["chek", "bob"], "did you mean check"),
        (["check", "--requests", "missing.jsonl"], "missing.jsonl"),
        (["check", "bob", "get", "pods", "--requests", "x"], "whole question"),
        (["check", "--requests", "-", "-o", "yaml"], "does not write yaml"),
    ],
)
def test_mistakes(arguments, expected):
    """Every mistake is one clear error with exit 2, and never a traceback."""
    code, out, err = run(*arguments, stdin="")
    assert code == 2
    assert expected in err
    assert "Traceback" not in err
    assert out == ""


def test_no_policy_at_all(tmp_path, monkeypatch):
    """Without any policy the error says what to give."""
    monkeypatch.chdir(tmp_path)
    code, _, err = run("check", "bob", "get", "pods")
    assert code == 2
    assert "RBACLENS_POLICIES" in err


def test_policy_from_the_environment(tmp_path, monkeypatch):
    """$RBACLENS_POLICIES comes before ./policies, and -f before both."""
    (tmp_path / "empty.yaml").write_text("")
    code, _, err = run("check", "bob", "get", "pods", "-n", "projectCaribou", RBACLENS_POLICIES=str(tmp_path / "empty.yaml"))
    assert code == 1
    assert "RBACLENS_POLICIES" in err
    code, _, _ = run("check", "bob", "get", "pods", "-n", "projectCaribou", "-f", "policies", RBACLENS_POLICIES="nowhere")
    assert code == 0


def test_bad_files_make_a_no_unknown(tmp_path):
    """--skip-bad-files goes on, says what it left out, and answers unknown (exit 3) where it would have said no."""
    (tmp_path / "bad.yaml").write_text("kind: [Role")
    (tmp_path / "good.yaml").write_text((ROOT / "policies" / "shop.yaml").read_text())
    assert run("check", "bob", "get", "pods", "-f", str(tmp_path))[0] == 2
    code, out, err = run("check", "bob", "get", "pods", "-f", str(tmp_path), "--skip-bad-files")
    assert (code, out.splitlines()[0]) == (3, "unknown")
    assert "bad.yaml" in err
    code, _, _ = run("check", "group:devs", "get", "pods", "-n", "shop", "-f", str(tmp_path), "--skip-bad-files")
    assert code == 0


def test_dangling_references_are_reported_beside_the_answer(tmp_path):
    """A binding of a missing role shows in a no as the server's reason, and in a yes as a problem (RBAC-33, RBAC-37)."""
    manifest = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: %s}
subjects: [{kind: User, name: bob}]
roleRef: {kind: ClusterRole, name: %s}
"""
    policy = tmp_path / "policy.yaml"
    policy.write_text(manifest % ("broken", "gone") + "---" + manifest % ("works", "view"))
    code, out, _ = run("check", "bob", "create", "pods", "-f", str(policy), "-o", "json")
    assert (code, json.loads(out)["reason"]) == (1, 'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found')
    code, out, _ = run("check", "bob", "list", "pods", "-f", str(policy), "-o", "json")
    assert (code, json.loads(out)["problems"]) == (0, ['clusterrole.rbac.authorization.k8s.io "gone" not found'])


def test_json_is_a_contract():
    """JSON carries a schema, the resolved request, and places with line and column."""
    code, out, _ = run("check", "group:oncall", "list", "pods.metrics.k8s.io", "-A", "-o", "json")
    data = json.loads(out)
    assert code == 0
    assert data["schema"] == "rbaclens.decision/v1"
    assert data["request"]["group"] == "metrics.k8s.io"
    assert data["evidence"]["binding"]["at"] == {"file": "policies/oncall.yaml", "line": 21, "column": 1}
    assert data["evidence"]["rule"]["writtenIn"] == "oncall-extras"
    assert data["evidence"]["rule"]["at"]["line"] == 9


def test_explain_shows_every_gate():
    """Identity and how it was completed, every authorizer in order, and what admission may still refuse."""
    code, out, _ = run("check", "sa:shop/deployer", "create", "deployments", "-n", "shop", "--explain")
    assert code == 0
    for part in (
        "ATTR-16",
        "privileged group: no opinion",
        "node: no opinion",
        "abac: no opinion",
        "rbac: allow",
        "ResourceQuota",
        "PodSecurity",
    ):
        assert part in out
    code, out, _ = run("check", "sa:shop/deployer", "create", "deployments", "-n", "shop", "--explain", "-o", "json")
    data = json.loads(out)
    assert [step["authorizer"] for step in data["authorization"]] == ["privileged group", "node", "abac", "rbac"]
    assert {"NamespaceLifecycle", "ResourceQuota"} <= {check["name"] for check in data["admission"]}


def test_anonymous_can_be_turned_off():
    """With anonymous authentication off there is no such request: 401, and no answer about authorization (ATTR-07)."""
    code, out, _ = run("check", "anonymous", "get", "/version", "--no-anonymous-auth")
    assert code == 1
    assert "401" in out


@pytest.mark.parametrize(
    ("webhook", "code", "answer"),
    [
        ([], 3, "unknown"),
        (["--webhook", "hook=allow"], 0, "yes"),
        (["--webhook", "hook=deny"], 1, "no"),
        (["--webhook", "hook=no-opinion"], 0, "yes"),
    ],
)
def test_a_webhook_in_the_way(tmp_path, webhook, code, answer):
    """Not asked: unknown, and it says which webhook and what the rest of the chain says; or its answer is assumed."""
    config = tmp_path / "config.yaml"
    config.write_text(
        """
apiVersion: apiserver.config.k8s.io/v1
kind: AuthorizationConfiguration
authorizers:
- type: Webhook
  name: hook
  webhook:
    timeout: 3s
    subjectAccessReviewVersion: v1
    failurePolicy: Deny
    connectionInfo: {type: KubeConfigFile, kubeConfigFile: hook.kubeconfig}
- {type: RBAC, name: rbac}
"""
    )
    real, out, _ = run("check", "group:devs", "get", "pods", "-n", "shop", "--authorization-config", str(config), *webhook)
    assert (real, out.splitlines()[0]) == (code, answer)
    if answer == "unknown":
        assert "webhook hook was not asked" in out
        assert "RoleBinding shop/developers" in out

"""``rbaclens check SUBJECT -- kubectl …``."""

from __future__ import annotations

import json
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


def run(who, command, *options):
    """Exit code and output of one question."""
    result = CliRunner().invoke(cli, ["check", who, "-q", *options, "--", *command.split()])
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("who", "command", "code"),
    [
        ("group:devs", "kubectl get pods -n shop", 0),
        ("group:devs", "kubectl get po,svc -n shop", 0),
        ("group:devs", "kubectl get pods,secrets -n shop", 1),
        ("group:devs", "kubectl get pods -A", 1),
        ("group:devs", "kubectl scale deploy web --replicas=2 -n shop", 0),
        ("group:devs", "kubectl logs web-0 -n shop", 0),
        ("group:devs", "kubectl exec web-0 -n shop -- sh", 1),
        ("sa:shop/deployer", "kubectl get secret registry -n shop", 0),
        ("sa:shop/deployer", "kubectl get secret -n shop", 1),
        ("group:system:masters", "kubectl delete ns shop", 0),
        ("bob", "kubectl get pods -n shop --as alice --as-group devs", 1),
        ("group:system:masters", "kubectl get pods -n shop --as alice --as-group devs", 0),
        ("bob", "kubectl version", 0),
    ],
)
def test_whole_commands(who, command, code):
    """The exit code is the command's answer: every request that it needs must go through."""
    assert run(who, command)[0] == code


def test_every_request_is_listed_with_its_answer():
    """Also as data, with the evidence of each."""
    code, output = run("group:devs", "kubectl scale deploy web --replicas=2 -n shop", "-o", "json")
    data = json.loads(output)
    assert code == 0
    assert data["schema"] == "rbaclens.command/v1"
    assert [(r["method"], r["answer"]) for r in data["requests"]] == [("GET", "yes"), ("PATCH", "yes")]
    assert data["requests"][1]["decision"]["evidence"]["binding"]["name"] == "developers"


def test_refused_impersonation_is_said():
    """--as needs the verb impersonate first (ESC-41)."""
    _, output = run("bob", "kubectl get pods -n shop --as alice")
    assert "impersonation refused: impersonate users alice" in output


@pytest.mark.parametrize("command", ["kubectl frobnicate", "kubectl get pods --frob", "kubectl get nosuch", "kubectl"])
def test_what_is_not_known_is_refused(command):
    """An error rather than a guess; a bare kubectl sends nothing."""
    code, output = run("bob", command)
    assert code == (0 if command == "kubectl" else 1)
    assert "Traceback" not in output


def test_options_of_check_do_not_mix_with_a_command():
    """The command says itself what it asks for."""
    result = CliRunner().invoke(cli, ["check", "bob", "-q", "-n", "shop", "--", "kubectl", "get", "pods"])
    assert result.exception is not None
    assert "itself" in str(result.exception)

"""Shell completion: what is offered for each word, by each shell's own protocol, and never an error."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from rbaclens.cli import completion

ROOT = Path(__file__).resolve().parents[1] / "data" / "identities"
EVERYWHERE = {"kube-public", "kube-system"}
# As the installed program, with the commands that this test is about whether or not the table has them.
PROGRAM = """
import sys, rbaclens.cli as cli
cli.COMMANDS.setdefault("whois", ("whois", ""))
cli.COMMANDS.setdefault("subjects", ("subjects", ""))
sys.argv[0] = "rbaclens"
cli.main()
"""


def offered(complete, incomplete="", words=(), files=(), **params):
    """What a callback offers."""
    ctx = click.Context(click.Command("check"))
    ctx.params = {"files": files, "words": words, **params}
    return complete(ctx, click.Argument(["words"], nargs=-1), incomplete)


@pytest.fixture(autouse=True)
def in_root(monkeypatch):
    """A folder with policies as the policy at hand."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("RBACLENS_POLICIES", raising=False)


def test_subjects(tmp_path):
    """Those of the policy as the command line takes them, without the controllers of the bootstrap policy."""
    assert offered(completion.complete_subject) == [
        "group:devs",
        "group:oncall",
        "group:system:authenticated",
        "sa:monitoring/prober",
        "sa:shop/deployer",
        "alice",
        "bob",
        "anonymous",
        "group:system:masters",
        "group:system:unauthenticated",
    ]
    assert offered(completion.complete_subject, "sa:") == ["sa:monitoring/prober", "sa:shop/deployer"]
    assert offered(completion.complete_subject, "user:") == ["user:alice", "user:bob"]
    assert offered(completion.complete_subject, "system:serviceaccount:s") == ["system:serviceaccount:shop:deployer"]
    (tmp_path / "node.yaml").write_text("{apiVersion: v1, kind: Node, metadata: {name: n1}}")
    assert offered(completion.complete_subject, "node", files=(str(tmp_path),)) == ["node:n1"]


def test_namespaces(monkeypatch):
    """Every namespace that an object or an ABAC line stands in."""
    assert offered(completion.complete_namespace, "s") == ["shop"]
    assert offered(completion.complete_namespace, "p") == ["projectCaribou"]
    monkeypatch.setenv("RBACLENS_POLICIES", "policies/shop.yaml")
    assert "projectCaribou" not in offered(completion.complete_namespace)


def test_words(tmp_path):
    """A verb, then a resource, then nothing that files could know."""
    assert offered(completion.complete_words)[:3] == ["get", "list", "watch"]
    assert offered(completion.complete_words, "del") == ["delete", "deletecollection"]
    assert "pods" in offered(completion.complete_words, "po", words=("get",))
    assert offered(completion.complete_words, words=("get", "pods")) == []
    (tmp_path / "role.json").write_text(
        json.dumps(
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRole",
                "metadata": {"name": "x"},
                "rules": [
                    {"apiGroups": ["example.com"], "resources": ["frobs"], "verbs": ["frobnicate"]},
                    {"nonResourceURLs": ["/frob/*"], "verbs": ["get"]},
                ],
            }
        )
    )
    files = (str(tmp_path / "role.json"),)
    assert offered(completion.complete_words, "fro", files=files) == ["frobnicate"]
    assert offered(completion.complete_words, "fro", words=("get",), files=files) == ["frobs"]
    assert offered(completion.complete_words, "/frob", words=("get",), files=files) == ["/frob/*"]


def test_resources():
    """Plurals; with the group where several groups have one, or where a dot is written; subresources behind a slash."""
    assert offered(completion.complete_resource, "deploy") == ["deployments"]
    assert offered(completion.complete_resource, "deployments.") == ["deployments.apps"]
    assert offered(completion.complete_resource, "events") == ["events", "events.events.k8s.io"]
    assert "pods/exec" in offered(completion.complete_resource, "pods/")
    assert offered(completion.complete_resource, "po/lo") == ["po/log"]
    assert offered(completion.complete_resource, "nonsense/") == []


@pytest.mark.parametrize("text", ["{", "\0", "kind: [", ""])
def test_a_broken_policy_offers_nothing_and_says_nothing(text, tmp_path, capfd):
    """A policy that cannot be read means no names of it, without a word; so do files that are not there, and stdin."""
    (tmp_path / "bad.yaml").write_text(text)
    for files in ((str(tmp_path / "bad.yaml"),), ("/nowhere",), ("-",)):
        assert EVERYWHERE.issuperset(offered(completion.complete_namespace, files=files))
        assert "bob" not in offered(completion.complete_subject, files=files)
    assert capfd.readouterr() == ("", "")


def test_no_policy_at_all(tmp_path, monkeypatch):
    """Where there is no policy, what needs none is still offered."""
    monkeypatch.chdir(tmp_path)
    assert offered(completion.complete_subject)[0] == "anonymous"
    assert "get" in offered(completion.complete_verb)


def test_names_that_would_break_the_line(tmp_path):
    """A name with a line end or another control character is not offered."""
    (tmp_path / "x.abac").write_text('{"user": "al\\nice"}\n{"user": "bo"}\n')
    assert [one for one in offered(completion.complete_subject, files=(str(tmp_path),)) if ":" not in one] == ["bo", "anonymous"]


def ask(shell, words, current):
    """The program's answer by the protocol of ``shell``, and nothing on stderr."""
    env = {**os.environ, "_RBACLENS_COMPLETE": f"{shell}_complete", "COMP_WORDS": words, "COMP_CWORD": current}
    result = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=False)
    assert result.stderr == ""
    return result.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "current", "expected"),
    [
        ("rbaclens ch", "1", "plain,check"),
        ("rbaclens check --sub", "2", "plain,--subresource"),
        ("rbaclens whois ", "2", "plain,bob"),
        ("rbaclens whois sa:sh", "2", "plain,sa:shop/deployer"),
        ("rbaclens subjects -n sh", "3", "plain,shop"),
        ("rbaclens subjects -o wi", "3", "plain,wide"),
    ],
)
def test_bash_protocol(words, current, expected):
    """Commands, options, subjects, namespaces and choices, as bash asks for them."""
    assert expected in ask("bash", words, current)


def test_zsh_and_fish_protocols():
    """The same as zsh and fish ask for them."""
    assert ask("zsh", "rbaclens whois sa:sh", "2") == ["plain", "sa:shop/deployer", "_"]
    assert ask("fish", "rbaclens whois sa:sh", "sa:sh") == ["plain,sa:shop/deployer"]


def test_errors_stay_silent_in_the_shell(tmp_path):
    """A broken file between the words gives none of its names and no message."""
    (tmp_path / "bad.yaml").write_text("{")
    assert ask("bash", f"rbaclens subjects -f {tmp_path}/bad.yaml -n ", "5") == [f"plain,{name}" for name in sorted(EVERYWHERE)]


def script(shell):
    """The script for a shell."""
    result = CliRunner().invoke(completion.command, [shell])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_scripts(shell, tmp_path):
    """The script asks the program by click's variable, and is valid where the shell is there to say so."""
    text = script(shell)
    assert f"_RBACLENS_COMPLETE={shell}_complete" in text
    if shutil.which(shell):
        file = tmp_path / "script"
        file.write_text(text)
        subprocess.run([shell, "-n", str(file)], check=True)


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize(
    ("line", "words", "expected"),
    [
        ("rbaclens whois sa:sh", ["rbaclens", "whois", "sa", ":", "sh"], ["shop/deployer"]),
        ("rbaclens whois sa:", ["rbaclens", "whois", "sa", ":", ""], ["monitoring/prober", "shop/deployer"]),
        ("rbaclens whois  al", ["rbaclens", "whois", "al"], ["alice"]),
        ("rbaclens whois --output=y", ["rbaclens", "whois", "--output", "=", "y"], ["yaml"]),
        ("rbaclens whois group:\\$", ["rbaclens", "whois", "group", ":", "\\$"], ["\\$\\(touch\\ x\\)"]),
    ],
)
def test_bash_completes(line, words, expected, tmp_path):
    """bash itself completes words with colons, which it splits, and inserts names quoted: a name never becomes a command."""
    program = tmp_path / "rbaclens"
    program.write_text(f"#!{sys.executable}\n{PROGRAM}")
    program.chmod(0o755)
    evil = tmp_path / "evil.abac"
    evil.write_text('{"group": "$(touch x)"}\n')
    (tmp_path / "script").write_text(script("bash"))
    driver = 'source "$0/script"; COMP_LINE=$1; shift; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _rbaclens_completion "$0/rbaclens"; '
    env = {**os.environ, "RBACLENS_POLICIES": f"policies{os.pathsep}{evil}"}
    result = subprocess.run(
        ["bash", "--norc", "-c", driver + 'printf "%s\\n" "${COMPREPLY[@]}"', str(tmp_path), line, *words],
        capture_output=True,
        text=True,
        check=True,
        env=env,
    )
    assert (result.stdout.split("\n")[:-1], result.stderr) == (expected, "")

"""``rbaclens watch`` as a person or a script uses it, on the test server."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from apiserver import ApiServer, Fault
from click.testing import CliRunner

from rbaclens.analysis.effective_changes import EffectiveChange
from rbaclens.cli.watch import command, parse_trigger
from rbaclens.errors import ClusterError, UsageError
from rbaclens.model.rules import PolicyRule

GROUP = "rbac.authorization.k8s.io"
PROGRAM = "from rbaclens.cli import COMMANDS, main; COMMANDS.setdefault('watch', ('watch', '')); main()"


def role(name, verbs, resource):
    """A ClusterRole."""
    rule = {"apiGroups": [""], "resources": [resource], "verbs": verbs}
    return {"apiVersion": f"{GROUP}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": [rule]}


def binding(name, role_name, group="devs", namespace="prod"):
    """A RoleBinding to a group."""
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name, "namespace": namespace},
        "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": role_name},
        "subjects": [{"kind": "Group", "apiGroup": GROUP, "name": group}],
    }


@pytest.fixture
def server():
    """A cluster with two roles and no binding."""
    with ApiServer([role("reader", ["get"], "secrets"), role("pods", ["get", "list"], "pods")]) as found:
        yield found


def watching(server, tmp_path, *options, events=()):
    """The result of a watch during which ``events`` happen, as soon as it is there."""
    kubeconfig = server.kubeconfig(tmp_path)

    def happen():
        server.wait_for_watches(4)
        for type, one in events:
            server.publish(type, one)

    thread = threading.Thread(target=happen)
    thread.start()
    try:
        return CliRunner().invoke(command, ["--kubeconfig", str(kubeconfig), *options])
    finally:
        thread.join()


ADD, DROP = ("ADDED", binding("x", "reader")), ("DELETED", binding("x", "reader"))
SECOND = ("ADDED", binding("y", "pods", "ops"))


def test_text(server, tmp_path):
    """Changes are told as they happen; --fail-on ends it with exit 1, and what comes behind is not told."""
    result = watching(server, tmp_path, "--fail-on", "lost", "--for", "20", events=[ADD, DROP, SECOND])
    assert result.exit_code == 1
    lines = [line.partition(" ")[2] for line in result.stdout.splitlines()]
    assert lines == [
        "group devs gained get secrets in prod, by RoleBinding prod/x, applied by kubectl",
        "group devs lost get secrets in prod, by RoleBinding prod/x (deleted), last applied by kubectl",
    ]
    assert f"watching {server.url}: 2 roles, 0 bindings" in result.stderr


def test_json_lines(server, tmp_path):
    """One object a line, with schema and time."""
    result = watching(server, tmp_path, "-q", "-o", "jsonl", "--fail-on", "any get pods", "--for", "20", events=[ADD, SECOND])
    assert (result.exit_code, result.stderr) == (1, "")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    # Events of one kind keep their order.
    assert [(one["schema"], one["change"], one["subject"]["name"]) for one in found] == [
        ("rbaclens.change/v1", "gained", "devs"),
        ("rbaclens.change/v1", "gained", "ops"),
    ]
    assert found[0]["time"].endswith("Z")


def test_for_a_while(server, tmp_path):
    """--for ends it with exit 0, --fail-on that nothing matched included."""
    result = watching(server, tmp_path, "--for", "1", "--fail-on", "gained create", events=[ADD])
    assert result.exit_code == 0 and "gained get secrets" in result.stdout


def test_one_namespace(server, tmp_path):
    """-n asks for that namespace's Roles and RoleBindings, and for the cluster-wide kinds."""
    other = ("ADDED", binding("z", "reader", "ops", "other"))
    result = watching(server, tmp_path, "-n", "prod", "--fail-on", "any", "--for", "20", events=[other, ADD])
    assert result.exit_code == 1 and "ops" not in result.stdout
    asked = {one.path.removeprefix(f"/apis/{GROUP}/v1") for one in server.received}
    assert asked == {"/clusterroles", "/clusterrolebindings", "/namespaces/prod/roles", "/namespaces/prod/rolebindings"}
    assert {one.method for one in server.received} == {"GET"}


def test_exec(server, tmp_path):
    """--exec runs a command with the JSON on its standard input; no shell sees the words."""
    script = tmp_path / "hook.py"
    script.write_text("import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.argv[2] + sys.stdin.read()); sys.exit(3)")
    out = tmp_path / "out put"
    line = f"{sys.executable} {script} '{out}' '$HOME;|`id`'"
    result = watching(server, tmp_path, "--exec", line, "--fail-on", "any", "--for", "20", events=[ADD])
    assert result.exit_code == 1
    words, _, data = out.read_text().partition("{")
    assert words == "$HOME;|`id`"
    assert json.loads("{" + data)["text"].startswith("group devs gained get secrets")
    assert "ended with 3" in result.stderr


def test_exec_that_vanishes(server, tmp_path):
    """A command that can no longer be run is named, and the watch goes on."""
    script = tmp_path / "hook"
    script.write_text("no program")
    script.chmod(0o755)
    result = watching(server, tmp_path, "--exec", str(script), "--fail-on", "any", "--for", "20", events=[ADD])
    assert result.exit_code == 1 and "cannot be run" in result.stderr


def test_refused_kinds_are_named(server, tmp_path):
    """What may not be listed is said at the start."""
    server.forbid(f"/apis/{GROUP}/v1/clusterrolebindings")
    result = CliRunner().invoke(command, ["--kubeconfig", str(server.kubeconfig(tmp_path)), "--for", "0.1"])
    assert result.exit_code == 0 and "warning: listing clusterrolebindings" in result.stderr


def test_unreachable(server, tmp_path, monkeypatch):
    """A first list that fails is an error of exit code 4; later failures are retried and said on stderr."""
    monkeypatch.setattr("rbaclens.live.watch._FIRST_PAUSE", 0.01)
    monkeypatch.setattr("rbaclens.live.watch._LONGEST_PAUSE", 0.05)
    server.tokens.clear()
    server.tokens["other"] = None
    result = CliRunner().invoke(command, ["--kubeconfig", str(server.kubeconfig(tmp_path)), "--for", "5"])
    assert isinstance(result.exception, ClusterError) and result.exception.exit_code == 4


def test_trouble_later_on(server, tmp_path, monkeypatch):
    """A server in trouble is tried again, which stderr says; what happened meanwhile is told afterwards."""
    monkeypatch.setattr("rbaclens.live.watch._FIRST_PAUSE", 0.01)
    monkeypatch.setattr("rbaclens.live.watch._LONGEST_PAUSE", 0.05)
    server.faults.append(Fault(status=503, path=f"/apis/{GROUP}/v1/rolebindings", times=4, when=lambda one: "watch" in one.query))

    def recover():
        server.wait_for_watches(4)
        server.publish(*ADD)

    thread = threading.Thread(target=recover)
    thread.start()
    result = CliRunner().invoke(
        command, ["--kubeconfig", str(server.kubeconfig(tmp_path)), "--fail-on", "gained get secrets", "--for", "20"]
    )
    thread.join()
    assert result.exit_code == 1
    assert "warning: following rolebindings: " in result.stderr and "HTTP 503" in result.stderr
    assert "admin-token" not in result.stderr


@contextlib.contextmanager
def running(arguments):
    """The program as a process of its own, which does not outlive a minute: a line that never comes must not stop all tests."""
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        yield process
    finally:
        watchdog.cancel()
        process.kill()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_cleanly(server, tmp_path, sent):
    """SIGTERM and SIGINT: exit 0, everything told so far is out, no traceback."""
    arguments = ["watch", "--kubeconfig", str(server.kubeconfig(tmp_path)), "-o", "jsonl"]
    with running(arguments) as process:
        server.wait_for_watches(4)
        server.publish(*ADD)
        line = process.stdout.readline()
        os.kill(process.pid, sent)
        rest, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert json.loads(line)["change"] == "gained" and rest == ""
    assert "Traceback" not in errors


def test_sigterm_while_a_command_runs(server, tmp_path):
    """A command that hangs does not keep the watch from ending."""
    arguments = ["watch", "--kubeconfig", str(server.kubeconfig(tmp_path)), "--exec", f"{sys.executable} -c 'import time; time.sleep(60)'"]
    with running(arguments) as process:
        server.wait_for_watches(4)
        server.publish(*ADD)
        process.stdout.readline()
        time.sleep(0.3)
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0


def change(gained=True, **rule):
    """An effective change of one rule."""
    return EffectiveChange(gained, "User", "bob", ("*",), PolicyRule(**rule), (), ())


GET_SECRETS = {"verbs": ("get",), "api_groups": ("",), "resources": ("secrets",)}
EVERYTHING = {"verbs": ("*",), "api_groups": ("*",), "resources": ("*",)}
METRICS = {"verbs": ("get",), "non_resource_urls": ("/metrics",)}


@pytest.mark.parametrize(
    ("text", "gained", "rule", "expected"),
    [
        ("any", False, METRICS, True),
        ("gained", False, GET_SECRETS, False),
        ("gained", True, GET_SECRETS, True),
        ("lost get", False, GET_SECRETS, True),
        ("any get", True, METRICS, True),
        ("gained create", True, GET_SECRETS, False),
        ("gained get secrets", True, GET_SECRETS, True),
        ("gained get secrets", True, {**GET_SECRETS, "resource_names": ("a",)}, True),
        ("gained get secrets", True, EVERYTHING, True),
        ("gained any secrets", True, GET_SECRETS, True),
        ("gained get pods", True, GET_SECRETS, False),
        ("gained create pods/exec", True, EVERYTHING, True),
        ("gained get deploy", True, {"verbs": ("get",), "api_groups": ("apps",), "resources": ("deployments",)}, True),
        ("gained get widgets.example.com", True, {"verbs": ("get",), "api_groups": ("example.com",), "resources": ("widgets",)}, True),
        ("gained get /metrics", True, METRICS, True),
        ("gained get /metrics", True, EVERYTHING, False),
    ],
)
def test_fail_on(text, gained, rule, expected):
    """Simple words: the direction, a verb, a resource; a rule with wildcards holds what is waited for."""
    assert parse_trigger(text).matches(change(gained, **rule)) is expected


@pytest.mark.parametrize("text", ["", "won", "gained get secrets now", "gained gte", "gained gte secrets", "gained get sercets"])
def test_fail_on_that_could_never_match(text):
    """An expression with a typing error is refused at once (exit 2): it would wait for ever."""
    with pytest.raises(UsageError):
        parse_trigger(text)


@pytest.mark.parametrize("text", ["", "'", "no-such-program-anywhere --x"])
def test_exec_that_cannot_be(text):
    """A command that is not there is refused before anything is asked of the cluster."""
    result = CliRunner().invoke(command, ["--exec", text])
    assert isinstance(result.exception, UsageError)

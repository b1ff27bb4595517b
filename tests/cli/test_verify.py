"""``rbaclens verify`` against a real (test) server over TLS, and against audit logs."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path

import msgspec
import pytest
from apiserver import ApiServer, Fault, Identity
from click.testing import CliRunner

from rbaclens import sources
from rbaclens.cli.verify import command
from rbaclens.errors import ClusterError, UsageError
from rbaclens.index.engine import Engine
from rbaclens.index.permissions import rules_review
from rbaclens.requests.review import parse_review

RECORDING = Path(__file__).parents[1] / "conformance" / "rbac-102"
OBJECTS = json.loads((RECORDING / "objects.json").read_text())
MODE = ("--authorization-mode", "RBAC")
FAST = ("--qps", "0", "-q", *MODE)


def answers_of(policy, *modes):
    """``decide`` and ``rules`` of a server that holds ``policy``."""
    from rbaclens.sources.authorizer_flags import config_from_flags

    engine = Engine(policy, config_from_flags(",".join(modes or ("RBAC",)), None, None, None, None, lambda _: None))

    def decide(spec):
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
        decision = engine.decide(parse_review(json.dumps(body).encode()).request)
        return {"allowed": decision.allowed, "reason": decision.reason}

    def rules(identity, namespace):
        review = rules_review(engine, identity.user, tuple(identity.groups), namespace)
        listed = {"resourceRules": review.resource_rules, "nonResourceRules": review.non_resource_rules}
        return {**{key: msgspec.to_builtins(value) for key, value in listed.items()}, "incomplete": review.incomplete}

    return {"decide": decide, "rules": rules}


@pytest.fixture(scope="module")
def policy():
    """The recording's policy."""
    return sources.load([str(RECORDING / "objects.json")])


@pytest.fixture
def verify(tmp_path):
    """Runs the command against a server."""

    def run(server, *options, token="admin-token"):  # noqa: S107
        return CliRunner().invoke(command, ["--kubeconfig", str(server.kubeconfig(tmp_path, token=token)), *FAST, *options])

    return run


def items():
    """The recording's objects, to be changed."""
    return json.loads(json.dumps(OBJECTS["items"] if isinstance(OBJECTS, dict) else OBJECTS))


def test_files_that_are_in_force(policy, verify):
    """A drift check of the files that the cluster holds finds nothing, and sends nothing but reviews."""
    with ApiServer(**answers_of(policy)) as server:
        result = verify(server, "-f", str(RECORDING / "objects.json"), "-o", "json")
        assert result.exit_code == 0, result.output
        data = json.loads(result.stdout)
        assert data["schema"] == "rbaclens.verify/v1"
        assert data["way"] == "SubjectAccessReview"
        assert data["counts"]["agree"] > 150
        assert (data["counts"]["disagree"], data["counts"]["notAsked"]) == (0, 0)
        assert data["ruleLists"]["asked"] > 50
        assert data["ruleLists"]["refused"] == 0
        assert {received.method for received in server.received} == {"POST"}
        assert all(received.path.rpartition("/")[2].endswith("reviews") for received in server.received)
        assert len(server.received) <= 304


def test_drift_is_found_and_named(policy, verify, tmp_path):
    """A rule that the files lack: exit 1, stale data, and the binding that the server names."""
    objects = items()
    role = next(one for one in objects if one["kind"] == "Role" and one["metadata"]["name"] == "r-7")
    role["rules"] = []
    (tmp_path / "lacking.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    with ApiServer(items(), **answers_of(policy)) as server:
        text = verify(server, "-f", str(tmp_path / "lacking.json"))
        assert text.exit_code == 1, text.output
        assert "stale data" in text.stdout
        assert "r-7" in text.stdout
        lines = verify(server, "-f", str(tmp_path / "lacking.json"), "-o", "jsonl").stdout.splitlines()
        differing = [one for one in map(json.loads, lines) if one["outcome"] == "disagree"]
        assert differing
        assert {one["cause"] for one in differing} == {"stale data"}
        assert all(one["server"]["allowed"] and one["here"]["answer"] == "no" for one in differing)


def test_the_clusters_own_policy(verify):
    """Without -f the policy is read from the cluster, its aggregated roles as the controller filled them."""
    held = sources.load([str(RECORDING / "objects.json")], bootstrap=False)
    filled = {role.name: msgspec.to_builtins(role.rules) for role in held.roles if role.aggregation is not None}
    objects = items()
    for one in objects:
        if "aggregationRule" in one:
            one["rules"] = filled[one["metadata"]["name"]]
    with ApiServer(objects, **answers_of(held)) as server:
        result = verify(server, "-o", "json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["counts"]["agree"] > 100


def test_a_hidden_authorizer(policy, verify):
    """A server that also has AlwaysAllow: found, and the advice says what to tell rbaclens."""
    with ApiServer(**answers_of(policy, "RBAC", "AlwaysAllow")) as server:
        result = verify(server, "-f", str(RECORDING / "objects.json"))
        assert result.exit_code == 1
        assert "authorizer (" in result.stdout
        assert "--authorization-mode" in result.stdout


def test_for_oneself(policy, verify):
    """Whoever may ask about nobody else asks about themselves; --self does it by choice."""
    bob = Identity("bob", ("system:authenticated",))
    with ApiServer(tokens={"t": bob, "admin-token": Identity("admin", ("system:masters",))}, **answers_of(policy)) as server:
        result = verify(server, "-f", str(RECORDING / "objects.json"), "-o", "json", token="t")
        data = json.loads(result.stdout)
        assert result.exit_code == 0, result.output
        assert (data["way"], data["caller"]["user"]) == ("SelfSubjectAccessReview", "bob")
        own = verify(server, "--self", "-f", str(RECORDING / "objects.json"), "-o", "json")
        assert json.loads(own.stdout)["way"] == "SelfSubjectAccessReview"


def test_nothing_could_be_asked(policy, verify):
    """403 on reviews: counted apart, exit 3."""
    with ApiServer(**answers_of(policy)) as server:
        server.forbid("/apis/authorization.k8s.io/v1/subjectaccessreviews")
        result = verify(server, "-f", str(RECORDING / "objects.json"))
        assert result.exit_code == 3, result.output
        assert "not asked" in result.stdout


def test_busy_servers_are_given_time(policy, verify):
    """429 with Retry-After in the middle changes nothing."""
    with ApiServer(**answers_of(policy)) as server:
        server.faults.append(Fault(status=429, path="/apis/authorization", times=2, headers={"Retry-After": "0"}))
        assert verify(server, "-f", str(RECORDING / "objects.json"), "--budget", "40").exit_code == 0


def test_no_server(verify):
    """Exit code 4 by the error's own."""
    with ApiServer() as server:
        pass
    result = verify(server, "-f", str(RECORDING / "objects.json"))
    assert isinstance(result.exception, ClusterError)
    assert result.exception.exit_code == 4


def event(number, *, user="bob", verb="get", decision="allow", reason="", name="web", **more):
    """One line of an audit log."""
    whole = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "auditID": f"id-{number}",
        "stage": "ResponseComplete",
        "requestURI": f"/api/v1/namespaces/shop/pods/{name}",
        "verb": verb,
        "user": {"username": user, "groups": ["system:authenticated"]},
        "objectRef": {"resource": "pods", "namespace": "shop", "name": name, "apiVersion": "v1"},
        "requestReceivedTimestamp": f"2026-01-02T03:04:{number % 60:02d}.000000Z",
        "annotations": {"authorization.k8s.io/decision": decision, "authorization.k8s.io/reason": reason},
        **more,
    }
    return json.dumps(whole)


REASON = 'RBAC: allowed by RoleBinding "b/shop" of Role "r" to User "bob"'


@pytest.fixture
def manifest(tmp_path):
    """Bob may get pods in namespace shop."""
    meta = {"namespace": "shop", "name": "r"}
    group = "rbac.authorization.k8s.io"
    objects = [
        {
            "apiVersion": f"{group}/v1",
            "kind": "Role",
            "metadata": meta,
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
        },
        {
            "apiVersion": f"{group}/v1",
            "kind": "RoleBinding",
            "metadata": {**meta, "name": "b"},
            "subjects": [{"kind": "User", "name": "bob", "apiGroup": group}],
            "roleRef": {"kind": "Role", "name": "r", "apiGroup": group},
        },
    ]
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    return str(file)


def replay(manifest, log, *options, stdin=None):
    """The command on a log."""
    return CliRunner().invoke(command, ["--audit-log", str(log), "-f", manifest, "-q", *options], input=stdin)


def test_replay_agrees(manifest, tmp_path):
    """Recorded decisions that the policy explains: exit 0, from a compressed file as from stdin."""
    lines = "\n".join([event(1, reason=REASON), event(2, verb="delete", decision="forbid"), event(3, annotations={})])
    (tmp_path / "audit.log.gz").write_bytes(gzip.compress(lines.encode()))
    for result in (replay(manifest, tmp_path / "audit.log.gz", "-o", "json"), replay(manifest, "-", "-o", "json", stdin=lines)):
        assert result.exit_code == 0, result.output
        counts = json.loads(result.stdout)["counts"]
        assert (counts["events"], counts["agree"], counts["withoutDecision"]) == (3, 2, 1)


def test_replay_groups_disagreements(manifest):
    """By cause, user and shape of request, with counts and the first and last time; exit 1."""
    other = REASON.replace('"b/shop"', '"gone/shop"').replace("bob", "eve")
    lines = [event(n, user="eve", reason=other, name=f"web-{n}") for n in range(1, 6)]
    lines += [event(7, decision="forbid"), event(8, user="iam", reason="")]
    result = replay(manifest, "-", "-o", "json", stdin="\n".join(lines))
    assert result.exit_code == 1
    groups = json.loads(result.stdout)["disagreements"]
    assert [(one["cause"], one["count"], one["request"]["user"]) for one in groups] == [
        ("stale data", 5, "eve"),
        ("stale data", 1, "bob"),
        ("authorizer", 1, "iam"),
    ]
    assert (groups[0]["first"][-10:], groups[0]["last"][-10:]) == ("01.000000Z", "05.000000Z")
    assert groups[0]["auditID"] == "id-1"
    text = replay(manifest, "-", stdin="\n".join(lines)).stdout
    assert "7 of 7 recorded decisions differ" in text
    assert "5 times" in text
    assert "gone" in text


def test_replay_counts_a_watch_once(manifest):
    """Its start and its end are one request."""
    lines = [event(1, reason=REASON, stage="ResponseStarted"), event(1, reason=REASON)]
    counts = json.loads(replay(manifest, "-", "-o", "json", stdin="\n".join(lines)).stdout)["counts"]
    assert (counts["agree"], counts["repeated"]) == (1, 1)


def test_replay_names_bad_lines(manifest, tmp_path):
    """Each with file and line on stderr, the others judged, exit 2; many are counted."""
    log = tmp_path / "audit.log"
    log.write_text("\n".join([event(1, reason=REASON), "{broken", event(2, reason=REASON), *["x"] * 30]))
    result = replay(manifest, log)
    assert result.exit_code == 2
    assert f"{log}:2: not an audit event" in result.stderr
    assert "and 11 more lines" in result.stderr
    assert "2 agree" in result.stdout


def test_replay_of_nothing(manifest):
    """A log without decisions proves nothing: exit 3."""
    assert replay(manifest, "-", stdin="").exit_code == 3


def test_replay_asks_no_cluster(manifest):
    """Options of a live check do not fit."""
    assert isinstance(replay(manifest, "-", "--context", "prod", stdin="").exception, UsageError)


def test_memory_does_not_grow_with_the_log(manifest, tmp_path):
    """More events, all of them different disagreements: the same memory once all tables are full."""

    def peak(events):
        log = tmp_path / f"{events}.log"
        with log.open("w") as file:
            for number in range(events):
                uri = f"/api/v1/namespaces/ns-{number}/pods/p-{number}?x={number}"
                ref = {"resource": f"kind{number}", "namespace": f"ns-{number}", "name": f"p-{number}"}
                file.write(event(number, user=f"u-{number}", requestURI=uri, objectRef=ref) + "\n")
        tracemalloc.start()
        assert replay(manifest, log, "-o", "json").exit_code == 1
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    # Both lengths leave the engine's table of 10,000 wants equally full.
    small = peak(15_000)
    assert peak(35_000) < small * 1.05

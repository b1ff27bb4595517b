"""The bulk forms: access reviews and HTTP requests in, answers out, a line each and in order."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from rbaclens.cli import cli


def review(user, verb="get", resource="pods", **more):
    """A SubjectAccessReview as one line."""
    spec = {"user": user, "resourceAttributes": {"verb": verb, "resource": resource, **more}}
    return json.dumps({"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec})


@pytest.fixture
def policy(tmp_path):
    """Bob may get pods, twice."""
    file = tmp_path / "policy.yaml"
    file.write_text(
        """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: pods}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: first}
subjects: [{kind: User, name: bob}]
roleRef: {kind: ClusterRole, name: pods}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: second}
subjects: [{kind: Group, name: all}, {kind: User, name: bob}]
roleRef: {kind: ClusterRole, name: pods}
"""
    )
    return str(file)


def bulk(policy, text, *options):
    """Exit code, the lines written, stderr."""
    result = CliRunner().invoke(cli, ["check", "--requests", "-", "-f", policy, "-q", "-o", "jsonl", *options], input=text)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_answers_come_in_order(policy):
    """The same objects with their status; exit 0 because every line was answered with certainty, a no included."""
    code, lines, _ = bulk(policy, "\n".join([review("bob"), review("eve"), review("bob", "list")]) + "\n")
    assert code == 0
    assert [line["status"]["allowed"] for line in lines] == [True, False, False]
    assert lines[0]["spec"]["user"] == "bob"
    assert lines[0]["status"]["reason"] == 'RBAC: allowed by ClusterRoleBinding "first" of ClusterRole "pods" to User "bob"'


def test_all_grants(policy):
    """Every reason that the server could have given stands in ``grants``; a no has none."""
    _, lines, _ = bulk(policy, review("bob") + "\n" + review("eve"), "--all-grants")
    assert [reason.split('"')[1] for reason in lines[0]["grants"]] == ["first", "second"]
    assert lines[1]["grants"] == []


def test_unreadable_lines_are_named_after_the_others_are_answered(policy):
    """Exit 2, the line named on stderr, an error object in its place, and all others answered."""
    code, lines, err = bulk(policy, "\n".join([review("bob"), "{broken", review("")]) + "\n" + review("eve"))
    assert code == 2
    assert [("status" in line) for line in lines] == [True, False, False, True]
    assert "stdin:2:" in err
    assert "stdin:3:" in err


def test_unknown_lines(policy, tmp_path):
    """Exit 3 when a line could not be answered for certain; it says so in its status."""
    (tmp_path / "bad.yaml").write_text("{")
    code, lines, _ = bulk(policy, review("bob") + "\n" + review("eve"), "-f", str(tmp_path / "bad.yaml"), "--skip-bad-files")
    assert code == 3
    assert lines[0]["status"]["allowed"] is True
    assert lines[1]["status"]["unknown"] is True
    assert "bad.yaml" in lines[1]["status"]["evaluationError"]


def test_self_reviews_need_somebody(policy):
    """A SelfSubjectAccessReview does not say who asks: SUBJECT does."""
    text = json.dumps(
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}},
        }
    )
    assert bulk(policy, text)[0] == 2
    result = CliRunner().invoke(cli, ["check", "bob", "--requests", "-", "-f", policy, "-q", "-o", "name"], input=text)
    assert (result.exit_code, result.stdout) == (0, "yes\n")


def test_yaml_reviews(policy, tmp_path):
    """Reviews may come as YAML documents too."""
    file = tmp_path / "reviews.yaml"
    file.write_text(
        """
apiVersion: authorization.k8s.io/v1
kind: SubjectAccessReview
spec:
  user: bob
  resourceAttributes: {verb: get, resource: pods}
---
apiVersion: authorization.k8s.io/v1
kind: LocalSubjectAccessReview
metadata: {namespace: a}
spec:
  user: eve
  resourceAttributes: {verb: get, resource: pods, namespace: a}
"""
    )
    result = CliRunner().invoke(cli, ["check", "--requests", str(file), "-f", policy, "-q", "-o", "text"])
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["yes", "no"]


def test_attributes_in_bulk():
    """A line of attributes for each request; the one error case is an answer, not a failure (RI-11)."""
    lines = [
        '{"method": "GET", "path": "/api/v1/pods?watch=1"}',
        '{"method": "GET", "path": "/healthz"}',
        '{"method": "GET", "path": "/api/v1/watch"}',
    ]
    result = CliRunner().invoke(cli, ["attributes", "--requests", "-", "-o", "jsonl"], input="\n".join(lines))
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert found[0]["resourceAttributes"]["verb"] == "watch"
    assert found[1]["nonResourceAttributes"] == {"path": "/healthz", "verb": "get"}
    assert "unable to determine" in found[2]["error"]


def test_attributes_of_one_request():
    """One request in one argument or two; the default is YAML."""
    one = CliRunner().invoke(cli, ["attributes", "DELETE /apis/apps/v1/namespaces/shop/deployments"])
    two = CliRunner().invoke(cli, ["attributes", "DELETE", "/apis/apps/v1/namespaces/shop/deployments"])
    assert one.stdout == two.stdout
    assert "verb: deletecollection" in one.stdout

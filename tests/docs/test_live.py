"""docs/live.md says exactly what each command sends, and its ClusterRoles are enough and not too much."""

import json
import re
from pathlib import Path

import pytest
import yaml
from apiserver import ApiServer, Identity, Received, stored_objects
from click.testing import CliRunner

from rbaclens import sources
from rbaclens.cli import snapshot, verify, watch, whoami
from rbaclens.index.engine import Engine
from rbaclens.model.request import Request
from rbaclens.requests.http import request_from_http
from rbaclens.requests.review import parse_review

DOCUMENT = Path(__file__).parents[2] / "docs" / "live.md"
RECORDING = Path(__file__).parents[1] / "conformance" / "rbac-101"
BOB = Identity("reader-of-rbac", ("system:authenticated",))
RBAC = "rbac.authorization.k8s.io"
COMMANDS = {
    "Policy from the cluster": (snapshot.command, ("-",)),
    "rbaclens whoami": (whoami.command, ()),
    "rbaclens verify": (verify.command, ("--budget", "60", "--qps", "0")),
    "rbaclens watch": (watch.command, ("--for", "1")),
}


def sections() -> dict[str, str]:
    """The document's text by the headings of its commands."""
    parts = re.split(r"^###? (.*)$", DOCUMENT.read_text(), flags=re.MULTILINE)
    return {heading: text for heading, text in zip(parts[1::2], parts[2::2], strict=True) if heading in COMMANDS}


def calls(section: str) -> set[str]:
    """The calls of a section's table."""
    return set(re.findall(r"^\| `((?:GET|POST) /[^`]*)` \|", section, re.MULTILINE))


def cluster_role(section: str) -> dict | None:
    """The ClusterRole of a section."""
    found = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    return yaml.safe_load(found[1]) if found else None


class Cluster:
    """A server that authorizes by its own policy, to which the document's ClusterRole is added."""

    def __init__(self, role: dict | None, folder: Path) -> None:
        objects = stored_objects(RECORDING)
        if role is not None:
            ref = {"apiGroup": RBAC, "kind": "ClusterRole", "name": role["metadata"]["name"]}
            subjects = [{"kind": "User", "apiGroup": RBAC, "name": BOB.user}]
            head = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "mine"}}
            objects += [role, {**head, "subjects": subjects, "roleRef": ref}]
        file = folder / "objects.json"
        file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
        self.engine = Engine(sources.load([str(file)]))
        self.refused: list[Received] = []
        self.server = ApiServer(objects, tokens={"t": BOB}, allow=self.allow, decide=self.decide)

    def request(self, received: Received) -> Request:
        """What the server's authorizers are asked about a request."""
        query = "&".join(f"{key}={value}" for key, value in received.query.items() if key != "continue")
        return request_from_http(received.method, f"{received.path}?{query}", user=BOB.user, groups=BOB.groups)

    def allow(self, received: Received) -> bool:
        allowed = self.engine.decide(self.request(received)).allowed
        if not allowed:
            self.refused.append(received)
        return allowed

    def decide(self, spec: dict) -> dict:
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
        decision = self.engine.decide(parse_review(json.dumps(review).encode()).request)
        return {"allowed": decision.allowed, "reason": decision.reason}


@pytest.mark.parametrize("heading", COMMANDS)
def test_the_calls_are_those_of_the_document(heading, tmp_path) -> None:
    """With exactly the document's rights a command works, is refused nothing, sends what is listed, and needs all that is granted."""
    section = sections()[heading]
    role = cluster_role(section)
    cluster = Cluster(role, tmp_path)
    command, arguments = COMMANDS[heading]
    with cluster.server as server:
        kubeconfig = str(server.kubeconfig(tmp_path, token="t"))
        result = CliRunner().invoke(command, [*arguments, "--kubeconfig", kubeconfig], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert cluster.refused == []
    assert set(server.targets()) == calls(section)
    granted = {
        (verb, group, resource)
        for rule in (role or {"rules": []})["rules"]
        for verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    needed = {(one.verb, one.api_group, one.resource) for one in map(cluster.request, server.received) if one.is_resource}
    basic = {one for one in needed if one[0] == "create" and one[2].startswith("selfsubject")}  # what system:basic-user gives to everybody
    assert granted == needed - basic


def test_everybody_may_send_the_reviews_about_oneself(tmp_path) -> None:
    """What the document takes for granted is in the bootstrap policy."""
    cluster = Cluster(None, tmp_path)
    reviews = (
        ("authentication.k8s.io", "selfsubjectreviews"),
        ("authorization.k8s.io", "selfsubjectaccessreviews"),
        ("authorization.k8s.io", "selfsubjectrulesreviews"),
    )
    with cluster.server:
        for group, resource in reviews:
            assert cluster.engine.decide(Request("create", resource, group, user=BOB.user, groups=BOB.groups)).allowed


def test_no_role_of_the_document_may_change_anything() -> None:
    """Lists, watches and reviews are all that is ever asked for."""
    for heading in COMMANDS:
        for rule in (cluster_role(sections()[heading]) or {"rules": []})["rules"]:
            assert set(rule["verbs"]) <= {"list", "watch"} or rule["resources"] == ["subjectaccessreviews"]

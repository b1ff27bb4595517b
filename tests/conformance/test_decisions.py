"""What a real API server decided, thousands of times: zero disagreements."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from rbaclens import sources
from rbaclens.authorizers.webhook import WebhookAuthorizer
from rbaclens.index.engine import Engine
from rbaclens.live.webhook import WebhookClient
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.requests.review import parse_review, respond
from rbaclens.sources.authorizer_config import load_authorizer_config

HERE = Path(__file__).parent
RBAC = AuthorizerConfig((AuthorizerEntry("RBAC", "rbac"),))
ABAC = AuthorizerConfig((AuthorizerEntry("ABAC", "abac"),))
NODE_RBAC = AuthorizerConfig((AuthorizerEntry("Node", "node"), AuthorizerEntry("RBAC", "rbac")))


def folders(pattern):
    """The recordings whose name matches."""
    return sorted(path.name for path in HERE.glob(pattern) if path.is_dir())


def disagreements(engine, folder):
    """Each request whose status differs from the recorded one; RBAC reasons by the rules of the recordings' README."""
    found = []
    requests = (folder / "requests.jsonl").read_bytes().splitlines()
    expected = (folder / "expected.jsonl").read_bytes().splitlines()
    assert len(requests) == len(expected)
    for number, (raw, wanted_line) in enumerate(zip(requests, expected, strict=True), 1):
        review = parse_review(raw)
        status = json.loads(respond(review, engine.decide(review.request)))["status"]
        wanted = json.loads(wanted_line)
        if wanted.get("reason", "").startswith("RBAC: allowed by"):
            reasons = [opinion.reason for opinion in engine.all_grants(review.request)]
            if wanted["reason"] in reasons:
                status["reason"] = wanted["reason"]
        if status != wanted:
            found.append((number, wanted, status))
    return found


@pytest.mark.parametrize("name", folders("rbac-*"))
def test_rbac(name):
    """Mode RBAC on top of the bootstrap policy; aggregated roles are computed, not read."""
    policy = sources.load([str(HERE / name / "objects.json")])
    assert disagreements(Engine(policy, RBAC), HERE / name) == []


@pytest.mark.parametrize("name", [*folders("abac-1*"), "abac-bob"])
def test_abac(name):
    """Mode ABAC alone, files in both formats, and the documentation's own Bob."""
    policy = sources.load([], abac_file=str(HERE / name / "policy.jsonl"), bootstrap=False)
    assert disagreements(Engine(policy, ABAC), HERE / name) == []


@pytest.mark.parametrize("name", folders("node-*"))
def test_node(name):
    """Mode Node,RBAC on top of the bootstrap policy."""
    policy = sources.load([str(HERE / name / "objects.json")])
    assert disagreements(Engine(policy, NODE_RBAC), HERE / name) == []


@pytest.mark.parametrize("name", folders("config-*"))
def test_authorization_configuration(name, tmp_path, hook_kubeconfigs):
    """Webhooks that are really called, match conditions, failure policies, on top of the bootstrap policy."""
    config_file = tmp_path / "authorization-config.yaml"
    config_file.write_bytes((HERE / name / "authorization-config.yaml").read_bytes())
    hook_kubeconfigs(tmp_path)
    policy = sources.load([str(HERE / name / "objects.json")])
    with contextlib.ExitStack() as clients:

        def webhook(entry):
            client = clients.enter_context(WebhookClient(entry.webhook.kubeconfig, entry.webhook.timeout, pause=0))
            return WebhookAuthorizer(entry, caller=client)

        engine = Engine(policy, load_authorizer_config(config_file), webhook=webhook)
        assert disagreements(engine, HERE / name) == []

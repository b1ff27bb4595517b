"""The cluster of the pages' live examples: the tests' API server with the sample policies, one rule of them widened by hand."""

from __future__ import annotations

import contextlib
import copy
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests")]
SAMPLES = ("policies/shop.yaml", "policies/oncall.yaml")


def _objects() -> list[dict[str, Any]]:
    """The default policy and the samples as the cluster holds them: somebody has added ``delete`` to the developers."""
    default = json.loads((ROOT / "rbaclens" / "facts" / "bootstrap-policy.json").read_text())["items"]
    samples = [item for file in SAMPLES for item in yaml.safe_load_all((ROOT / file).read_text())]
    objects = copy.deepcopy(default + samples)
    for item in objects:
        if (item["kind"], item["metadata"]["name"]) == ("Role", "developer"):
            item["rules"][1]["verbs"].append("delete")
    return objects


@contextlib.contextmanager
def cluster() -> Iterator[tuple[str, str]]:
    """A kubeconfig with the context ``prod``, and the server's address, to be called by another name on the pages."""
    from apiserver import ApiServer
    from engine_connection import EngineConnection

    from rbaclens import sources
    from rbaclens.index.engine import Engine
    from rbaclens.index.permissions import rules_review
    from rbaclens.model.request import Request

    objects = _objects()
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}).encode()
    engine = Engine(sources.load(["-"], stdin=lambda: text))
    gathered = {role.name: msgspec.to_builtins(role.rules) for role in engine.policy.roles if role.gathered}
    for item in objects:
        if item["kind"] == "ClusterRole" and item["metadata"]["name"] in gathered:
            item["rules"] = gathered[item["metadata"]["name"]]
    answers = EngineConnection(engine)

    def decide(spec: dict[str, Any]) -> dict[str, Any]:
        asked = spec.get("resourceAttributes") or spec["nonResourceAttributes"]
        fields = {"verb": asked.get("verb", ""), "user": spec.get("user", ""), "groups": tuple(spec.get("groups", ()))}
        if "path" in asked:
            request = Request(path=asked["path"], **fields)
        else:
            names = {key: asked.get(key, "") for key in ("resource", "subresource", "namespace", "name")}
            request = Request(api_group=asked.get("group", ""), **names, **fields)
        decision = engine.decide(request)
        return {"allowed": decision.allowed, **({"reason": decision.reason} if decision.reason else {})}

    def rules(identity: Any, namespace: str) -> dict[str, Any]:
        review = rules_review(answers.engine, identity.user, identity.groups, namespace)
        resource = [
            {
                "verbs": r.verbs,
                "apiGroups": r.api_groups,
                "resources": r.resources,
                **({"resourceNames": r.resource_names} if r.resource_names else {}),
            }
            for r in review.resource_rules
        ]
        paths = [{"verbs": r.verbs, "nonResourceURLs": r.non_resource_urls} for r in review.non_resource_rules]
        return {"resourceRules": resource, "nonResourceRules": paths, "incomplete": False}

    with tempfile.TemporaryDirectory() as folder, ApiServer(objects, decide=decide, rules=rules) as server:
        yield str(server.kubeconfig(Path(folder), context="prod")), server.url

"""Why not, and what would help, as text and as data."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

import rbaclens
from rbaclens.analysis.gates import not_authenticated
from rbaclens.analysis.near_axes import Axis
from rbaclens.authorizers.webhook import WebhookAuthorizer
from rbaclens.index.engine import Engine
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.request import Request
from rbaclens.reports.data import render
from rbaclens.reports.why import axis_text, suggestion_data, suggestion_text, why_data, why_text

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def engine():
    """The sample policies of the project."""
    return rbaclens.load(str(ROOT / "policies"))


def ask(verb, resource, namespace="", user="bob", groups=("system:authenticated",), **more):
    return Request(verb, resource, namespace=namespace, user=user, groups=groups, **more)


@pytest.mark.parametrize(
    ("request_", "failed", "at", "allows"),
    [
        (ask("delete", "pods", "projectCaribou"), "readonly: asked delete, held get, list, watch", "bob.jsonl:2", "get pods"),
        (
            ask("get", "pods", "projectcaribou"),
            "namespace: asked projectcaribou, bound in projectCaribou (nearly the same)",
            "bob.jsonl:2",
            "in",
        ),
        (
            ask("watch", "secrets", "shop", user="system:serviceaccount:shop:deployer", name="registry"),
            "verb: asked watch, held get",
            "shop.yaml:44",
            "get secrets registry",
        ),
        (ask("get", "pods", "shop"), "group: given to devs", "shop.yaml:8", ""),
    ],
)
def test_each_near_miss_says_what_failed_and_where_it_stands(engine, request_, failed, at, allows):
    """The nearest first; file and line of every part; the request that it does allow."""
    lines = list(why_text(engine, engine.decide(request_)))
    assert lines[:2] == ["", "nearly allowed by"]
    start = next(i for i, line in enumerate(lines) if line.endswith(f". {failed}"))
    one = "\n".join(lines[start : start + 5])
    assert at in one
    assert allows in one
    data = why_data(engine, engine.decide(request_))
    assert data["nearMisses"][0].keys() >= {"failed", "distance", "evidence"}
    assert json.loads(render(data, "json"))["nearMisses"][0]["failed"][0]["attribute"]
    places = [place for miss in data["nearMisses"] for place in re.findall(r"'line': (\d+)", str(miss["evidence"]))]
    assert places


def test_nothing_near_and_nothing_to_explain(engine):
    """A request that nothing resembles, and one that is allowed."""
    assert list(why_text(engine, engine.decide(ask("list", "nodes")))) == ["", "nothing in the policy comes near"]
    allowed = engine.decide(ask("get", "pods", "projectCaribou"))
    assert list(why_text(engine, allowed)) == []
    assert why_data(engine, allowed) == {"nearMisses": []}


def test_who_refuses_outright_is_named():
    """A webhook that denies and a missing identity have no near misses (ATTR-07, ATTR-23)."""
    config = AuthorizerConfig((AuthorizerEntry("Webhook", "hook"),))
    engine = Engine(rbaclens.load(str(ROOT / "policies")).policy, config, webhook=lambda entry: WebhookAuthorizer(entry, assumed="deny"))
    for decision, name in ((engine.decide(ask("get", "pods", "shop")), "hook"), (not_authenticated(ask("get", "pods")), "authentication")):
        assert f"refused by {name}" in list(why_text(engine, decision))[1]
        assert why_data(engine, decision) == {"nearMisses": []}
    assert "401" in suggestion_data(engine, not_authenticated(ask("get", "pods")))["suggestion"]["notes"][0]


def test_a_dangling_binding_and_a_node(tmp_path):
    """A binding without effect shows where it stands; a node without its group is told the rule of the node authorizer."""
    (tmp_path / "p.yaml").write_text(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b, namespace: demo}\n"
        "subjects: [{kind: User, name: bob}]\nroleRef: {kind: Role, name: gone, apiGroup: rbac.authorization.k8s.io}\n"
    )
    engine = rbaclens.load(str(tmp_path))
    decision = engine.decide(ask("get", "pods", "demo"))
    text = "\n".join(why_text(engine, decision))
    assert "role: there is no Role gone in namespace demo: it grants nothing" in text
    assert "RoleBinding demo/b names User bob" in text
    assert "p.yaml:1" in text
    assert why_data(engine, decision)["nearMisses"][0]["evidence"]["binding"]["name"] == "b"
    node = engine.decide(ask("get", "services", "demo", user="system:node:n1"))
    assert "NODE-32 allows it to nodes" in "\n".join(why_text(engine, node))


def test_long_lists_are_cut():
    """Six values are shown and the others counted; nothing held is said as such."""
    axis = Axis("name", "", tuple("abcdefgh"), {"name": "a"})
    assert axis_text(axis) == "name: asked (none), held a, b, c, d, e, f and 2 more"


def test_the_suggestion_can_be_applied_as_it_is(engine):
    """The text is YAML whose remarks are comments; added to the policy it changes the answer."""
    decision = engine.decide(ask("get", "secrets", "shop", name="tls"))
    lines = list(suggestion_text(engine, decision))
    assert lines[1] == "# new role and binding (tried: the answer is yes with it)"
    documents = list(yaml.safe_load_all("\n".join(lines)))
    assert documents == suggestion_data(engine, decision)["suggestion"]["objects"]
    assert [document["kind"] for document in documents] == ["Role", "RoleBinding"]


def test_without_a_suggestion_there_are_reasons(engine):
    """Nothing to apply, and a comment that says why."""
    lines = list(suggestion_text(engine, engine.decide(ask("delete", "pods", "projectCaribou"))))
    assert lines[1] == "# nothing to suggest"
    assert list(yaml.safe_load_all("\n".join(lines))) in ([], [None])

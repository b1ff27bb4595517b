"""The static rules of nodes."""

import json
from importlib import resources

import pytest

from rbaclens.authorizers.node import NodeAuthorizer
from rbaclens.authorizers.node_rules import STATIC_RULES
from rbaclens.model.decision import NOTHING, NodeGrant, Opinion, Verdict
from rbaclens.model.request import Request
from rbaclens.model.workloads import NodeGraphObjects


def single_grants(verbs, groups, named):
    return {(verb, group, resource) for verb in verbs for group in groups for resource in named}


def test_static_rules_are_the_role_system_node():
    """NODE-53: the list says exactly what a real server's ClusterRole system:node says."""
    items = json.loads(resources.files("rbaclens.facts").joinpath("bootstrap-policy.json").read_text())["items"]
    role = next(o for o in items if o["kind"] == "ClusterRole" and o["metadata"]["name"] == "system:node")
    real = set().union(*(single_grants(r["verbs"], r["apiGroups"], r["resources"]) for r in role["rules"]))
    ours = set().union(*(single_grants(r.verbs, r.api_groups, r.resources) for _, r in STATIC_RULES))
    assert ours == real
    assert not any(rule.non_resource_urls or rule.resource_names for _, rule in STATIC_RULES)


@pytest.mark.parametrize(
    ("rule", "verb", "group", "resource"),
    [
        ("NODE-30", "create", "authentication.k8s.io", "tokenreviews"),
        ("NODE-31", "create", "authorization.k8s.io", "localsubjectaccessreviews"),
        ("NODE-32", "watch", "", "services"),
        ("NODE-35", "patch", "", "events"),
        ("NODE-35", "create", "events.k8s.io", "events"),
        ("NODE-40", "get", "", "endpoints"),
        ("NODE-41", "watch", "certificates.k8s.io", "certificatesigningrequests"),
        ("NODE-46", "list", "storage.k8s.io", "csidrivers"),
        ("NODE-48", "get", "node.k8s.io", "runtimeclasses"),
    ],
)
def test_static_rules_that_no_special_case_shadows(rule, verb, group, resource):
    """NODE-04: the evidence is the id of the static rule."""
    request = Request(verb, resource, group, name="x", user="system:node:n1", groups=("system:nodes",))
    assert NodeAuthorizer(NodeGraphObjects()).authorize(request) == Opinion(Verdict.ALLOW, "node", evidence=NodeGrant(rule))


@pytest.mark.parametrize(
    ("verb", "group", "resource"),
    [
        ("list", "certificates.k8s.io", "clustertrustbundles"),
        ("create", "certificates.k8s.io", "podcertificaterequests"),
        ("get", "certificates.k8s.io", "podcertificaterequests"),
        ("list", "", "endpoints"),
        ("get", "extensions", "secrets"),
        ("get", "", "nosuch"),
    ],
)
def test_what_no_rule_names_gets_no_opinion(verb, group, resource):
    """NODE-04, NODE-25, NODE-50, NODE-52: resources behind gates that are off are like any other unknown one."""
    request = Request(verb, resource, group, name="x", user="system:node:n1", groups=("system:nodes",))
    assert NodeAuthorizer(NodeGraphObjects()).authorize(request) is NOTHING

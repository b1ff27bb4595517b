"""What the catalogue says of the rules about one kind of thing, by hand: verbs, and the level by scope and by name.

``test_triggers`` makes its policies from the rules, and would follow a rule that asks for too much or too little; this table stands
against them.
"""

from __future__ import annotations

import pytest
from audit_rules import found, grant

RBAC = "rbac.authorization.k8s.io"
ADMISSION = "admissionregistration.k8s.io"
NETWORK = "networking.k8s.io"
WEBHOOKS = "mutatingwebhookconfigurations validatingwebhookconfigurations"
POLICIES = "validatingadmissionpolicies validatingadmissionpolicybindings"
VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]
WRITE = "create update patch"
ALL_WRITE = f"{WRITE} delete deletecollection"
SYSTEM = "kube-system"
PODS = {"": "Critical", "shop": "Medium", SYSTEM: "Critical"}

# Rule, verbs, resources, API group, level by namespace (empty: the cluster), and the level of a grant that is limited to one name.
TABLE = [
    ("RL1005", ALL_WRITE, "*", "", {"": "Critical", "shop": "High", SYSTEM: "Critical"}, None),
    ("RL1006", "get list watch", "*", "", {"": "Critical", "shop": "High", SYSTEM: "Critical"}, None),
    ("RL1101", "get list watch", "secrets", "", {"": "Critical"}, None),
    ("RL1106", "update patch", "secrets", "", {"": "High", "shop": "High"}, "Medium"),
    ("RL1107", "create", "serviceaccounts/token", "", {"": "Critical", "shop": "High", SYSTEM: "Critical"}, "High"),
    ("RL1207", WRITE, "clusterroles", RBAC, {"": "Medium"}, "Low"),
    ("RL1207", WRITE, "roles", RBAC, {"": "Medium", "shop": "Medium"}, "Low"),
    ("RL1301", "create", "pods", "", {"": "Critical"}, None),
    (
        "RL1304",
        WRITE,
        "deployments daemonsets statefulsets replicasets",
        "apps",
        {"": "Critical", "shop": "Medium", SYSTEM: "Critical"},
        "High",
    ),
    ("RL1304", WRITE, "jobs cronjobs", "batch", {"": "Critical", "shop": "Medium", SYSTEM: "Critical"}, "High"),
    ("RL1305", "update patch", "pods", "", {"": "High", "shop": "Medium"}, "Medium"),
    ("RL1306", WRITE, "daemonsets", "apps", {"": "Critical", SYSTEM: "Critical"}, "High"),
    ("RL1310", "delete deletecollection", "pods", "", {"": "Medium", "shop": "Medium"}, "Low"),
    ("RL1310", "create", "pods/eviction", "", {"": "Medium", "shop": "Medium"}, "Low"),
    ("RL1311", "update patch", "pods/status", "", {"": "Medium", "shop": "Medium"}, "Low"),
    ("RL1312", "update patch", "pods/ephemeralcontainers", "", {"": "Critical", "shop": "High", SYSTEM: "High"}, "High"),
    ("RL1401", "create", "pods/exec", "", {"": "Critical", "shop": "High", SYSTEM: "Critical"}, "High"),
    ("RL1403", "create", "pods/attach", "", {"": "High", "shop": "High", SYSTEM: "High"}, "Medium"),
    ("RL1404", "create", "pods/portforward", "", {"": "Medium", "shop": "Medium", SYSTEM: "Medium"}, "Low"),
    ("RL1501", "get", "nodes/proxy", "", {"": "Critical"}, "High"),
    ("RL1502", "create update patch delete", "nodes/proxy", "", {"": "Critical"}, "High"),
    ("RL1504", "update patch", "nodes", "", {"": "High"}, "Medium"),
    ("RL1505", "update patch", "nodes/status", "", {"": "High"}, "Medium"),
    ("RL1701", WRITE, "mutatingwebhookconfigurations", ADMISSION, {"": "Critical"}, "High"),
    ("RL1702", WRITE, "validatingwebhookconfigurations", ADMISSION, {"": "High"}, "Medium"),
    ("RL1703", "delete deletecollection", WEBHOOKS, ADMISSION, {"": "High"}, "Medium"),
    ("RL1705", ALL_WRITE, POLICIES, ADMISSION, {"": "High"}, "Medium"),
    ("RL1706", WRITE, "customresourcedefinitions", "apiextensions.k8s.io", {"": "High"}, "Medium"),
    ("RL1707", WRITE, "apiservices", "apiregistration.k8s.io", {"": "Critical"}, "High"),
    ("RL1801", WRITE, "services", "", {"": "Medium", "shop": "Low"}, "Low"),
    ("RL1802", "update patch", "services/status", "", {"": "Medium", "shop": "Medium"}, "Low"),
    ("RL1803", WRITE, "endpoints", "", {"": "Medium", "shop": "Medium"}, "Low"),
    ("RL1803", WRITE, "endpointslices", "discovery.k8s.io", {"": "Medium", "shop": "Medium"}, "Low"),
    ("RL1804", WRITE, "ingresses", NETWORK, {"": "Medium", "shop": "Medium"}, "Low"),
    ("RL1806", ALL_WRITE, "networkpolicies", NETWORK, {"": "Medium", "shop": "Medium"}, "Low"),
    ("RL1901", WRITE, "persistentvolumes", "", {"": "High"}, "Medium"),
    ("RL2004", ALL_WRITE, "configmaps", "", {"": "Medium", "shop": "Low"}, None),
]
CASES = pytest.mark.parametrize(
    ("rule", "verbs", "resources", "group", "levels", "named"), TABLE, ids=[f"{one[0]} {one[2]}" for one in TABLE]
)
# All verbs have escalate in them, which is another rule's.
NOT_BY_STAR = {"RL1207"}


@CASES
def test_its_verbs_and_no_others(rule, verbs, resources, group, levels, named):
    """Each verb is enough on each resource, and so is the star; every other verb of the API gives nothing."""
    for resource in resources.split():
        for verb in VERBS:
            assert bool(found(rule, grant(verb, resource, group))) is (verb in verbs.split()), (verb, resource)
        assert bool(found(rule, grant("*", resource, group))) is (rule not in NOT_BY_STAR)


@CASES
def test_level_by_scope(rule, verbs, resources, group, levels, named):
    """The level depends on where it is held; where the rule has no level, it says nothing."""
    for namespace in ("", "shop", SYSTEM):
        held = found(rule, grant(verbs.split()[0], resources.split()[0], group, namespace=namespace))
        if namespace in levels:
            assert [(one.severity.title, one.scopes, str(one.principal)) for one in held] == [
                (levels[namespace], (namespace or "*",), "user:mallory")
            ]
        elif ("shop" not in levels and SYSTEM not in levels) or namespace == "shop":
            assert held == ()


@CASES
def test_level_of_a_named_grant(rule, verbs, resources, group, levels, named):
    """A grant that is limited to a harmless name is one level lower, or is not what the rule is about."""
    every = found(rule, grant(verbs, resources, group, names="one"))
    assert [one.severity.title for one in every] == ([] if named is None else [named])

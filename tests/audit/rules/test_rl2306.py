"""RL2306: grants to all authenticated users."""

import pytest
from audit_rules import account, binding, found, grant, group, role, rule, urls, user

EVERYBODY = group("system:authenticated")


@pytest.mark.parametrize("namespace", ["", "shop"])
def test_any_right_beyond_the_usual_counts(namespace):
    """In the cluster and in a namespace."""
    (one,) = found("RL2306", grant("get", "configmaps", namespace=namespace, to=EVERYBODY))
    assert (one.severity.title, one.scopes) == ("High", (namespace or "*",))
    assert str(one.principal) == "group:system:authenticated"
    assert [grant.binding.name for grant in one.evidence] == ["tried"]


@pytest.mark.parametrize(
    "objects",
    [
        grant("get", "configmaps", to=group("system:authenticated:x")),
        grant("get", "configmaps", to=user("system:authenticated")),
        grant("get", "configmaps", to=account("system:authenticated", "shop")),
        [role("version", urls("get", "/version")), binding("version", EVERYBODY, role="version")],
        [role("metrics", urls("get", "/metrics")), binding("metrics", EVERYBODY, role="metrics", namespace="shop")],
        [binding("again", EVERYBODY, role="system:discovery")],
        [binding("dangling", EVERYBODY, role="nothing-there")],
        [role("empty"), binding("empty", EVERYBODY, role="empty")],
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Other subjects, what everybody has anyway, and what gives nothing."""
    assert found("RL2306", objects) == ()


def test_a_role_of_the_api_server_with_something_added():
    """The name of a shipped binding excuses nothing; what was added to its role is found, and has no patch."""
    wider = role("system:basic-user", rule("create", "selfsubjectreviews", "authentication.k8s.io"), rule("list", "nodes"))
    (one,) = found("RL2306", wider, binding("system:basic-user", EVERYBODY, role="system:basic-user"))
    assert (one.patch, [grant.rule_index for grant in one.evidence]) == (None, [1])


def test_only_the_subject_goes():
    """Where the binding names others too, they keep it."""
    objects = [role("r", rule("get", "pods")), binding("r", user("ann"), EVERYBODY, role="r")]
    (one,) = found("RL2306", objects)
    assert [change.path for change in one.patch.edits] == ["/subjects/1"]

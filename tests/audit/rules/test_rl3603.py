"""RL3603: a webhook that can be passed by."""

import pytest
from audit_rules import found

from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry, WebhookSettings

RBAC = AuthorizerEntry("RBAC", "rbac")


def _webhook(*conditions, policy="Deny", name="hook"):
    return AuthorizerEntry("Webhook", name, WebhookSettings("hook.kubeconfig", "v1", policy, match_conditions=conditions))


def _found(*entries, file=""):
    return found("RL3603", config=AuthorizerConfig(entries, file))


@pytest.mark.parametrize("behind", ["RBAC", "ABAC", "AlwaysAllow"])
def test_no_opinion_before_one_that_may_allow(behind):
    """While the webhook is away nobody denies."""
    (one,) = _found(_webhook(policy="NoOpinion"), AuthorizerEntry(behind, behind.lower()), file="config.yaml")
    assert (one.severity.title, f"{behind.lower()} may allow" in one.message) == ("Low", True)
    assert [place.origin.file for place in one.related] == ["config.yaml"]


def test_a_webhook_before_another():
    """The last one has nobody behind it."""
    (one,) = _found(_webhook(policy="NoOpinion", name="first"), _webhook(policy="NoOpinion", name="second"))
    assert "webhook first" in one.message


@pytest.mark.parametrize(
    "entries",
    [
        (_webhook(), RBAC),
        (RBAC, _webhook(policy="NoOpinion")),
        (_webhook(policy="NoOpinion"), AuthorizerEntry("AlwaysDeny", "alwaysdeny")),
        (_webhook(policy="NoOpinion"), AuthorizerEntry("Node", "node")),
        (AuthorizerEntry("Node", "node"), RBAC),
    ],
)
def test_others_are_clean(entries):
    """Deny, nobody behind who would allow people anything, and no webhook at all."""
    assert _found(*entries) == ()


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("request.?resourceAttributes.namespace.orValue('') != 'kube-system'", "get secrets in kube-system"),
        ("request.?resourceAttributes.resource.orValue('') != 'secrets'", "get secrets in default, get secrets in kube-system"),
        ("request.user.startsWith('system:')", "and 7 more such requests"),
        ("!has(request.resourceAttributes)", "get secrets in default"),
    ],
)
def test_conditions_that_leave_out_sensitive_requests(condition, words):
    """What the webhook never sees is named by examples."""
    pytest.importorskip("cel_expr_python")
    (one,) = _found(_webhook(condition), RBAC)
    assert ("matchConditions" in one.message, words in one.message) == (True, True)


@pytest.mark.parametrize(
    "condition",
    [
        "has(request.resourceAttributes)",
        "!request.groups.exists(one, one == 'system:masters')",
        "!(request.user in ['system:kube-scheduler'])",
        "request.?resourceAttributes.verb.orValue('') != 'list'",
    ],
)
def test_conditions_that_leave_out_others(condition):
    """Paths, the API server's own components, and what is not on the list of sensitive requests."""
    pytest.importorskip("cel_expr_python")
    assert _found(_webhook(condition), RBAC) == ()


def test_both_are_two_findings():
    """The failure policy and the conditions of one webhook."""
    pytest.importorskip("cel_expr_python")
    assert len({one.fingerprint for one in _found(_webhook("false", policy="NoOpinion"), RBAC)}) == 2

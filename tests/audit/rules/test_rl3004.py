"""RL3004: a binding to a service account that is not there, and that somebody may create."""

import pytest
from audit_rules import account, binding, found, given, grant, group, plain, role, rule, user

THERE = [plain("Namespace", "shop"), plain("ServiceAccount", "web", "shop")]
GONE = account("gone", "shop")
STRONG = role("strong", rule("get", "secrets"), namespace="shop")
WEAK = role("weak", rule("get", "pods"), namespace="shop")


def bound(one, *subjects):
    return [*THERE, one, binding("b", *subjects, role=one["metadata"]["name"], kind="Role", namespace="shop")]


@pytest.mark.parametrize(("one", "score"), [(STRONG, 7.0), (WEAK, 3.0)])
@pytest.mark.parametrize("namespace", ["", "shop"])
def test_whoever_may_create_the_account_claims_it(one, score, namespace):
    """In the cluster or in the namespace; an error where the role is strong."""
    (finding,) = found("RL3004", bound(one, GONE), grant("create", "serviceaccounts", namespace=namespace))
    assert "user:mallory may create it" in finding.message
    assert finding.score == score
    assert finding.evidence[0].binding.name == "tried"


@pytest.mark.parametrize(
    "maker",
    [
        grant("update patch", "serviceaccounts"),
        grant("create", "serviceaccounts/token"),
        grant("create", "serviceaccounts", "example.com"),
        grant("create", "serviceaccounts", names="gone"),
        grant("create", "serviceaccounts", namespace="web"),
        grant("create", "namespaces"),
        [],
    ],
)
def test_nobody_to_claim_is_clean(maker):
    """Another verb, subresource, group or namespace, and names, which never authorise create."""
    assert found("RL3004", bound(STRONG, GONE), maker) == ()


def test_who_has_the_role_anyway_gains_nothing():
    """The claimer's own rules are compared as the API server does (ESC-20)."""
    assert found("RL3004", bound(STRONG, GONE), given(rule("create", "serviceaccounts"), rule("get", "secrets"))) == ()
    assert found("RL3004", bound(STRONG, GONE), given(rule("*", "*", "*"), to=group("admins"))) == ()


def test_a_missing_namespace_is_claimed_by_creating_it():
    """Creating accounts in namespaces that are there does not help."""
    objects = bound(STRONG, account("gone", "gone"))
    (one,) = found("RL3004", objects, grant("create", "namespaces", to=group("teams")))
    assert "group:teams may create its namespace" in one.message
    assert found("RL3004", objects, grant("create", "serviceaccounts", namespace="shop")) == ()


def test_what_is_there_or_not_told_is_clean():
    """An account that is there, the default one, a user; and an input without accounts."""
    maker = grant("create", "serviceaccounts namespaces")
    assert found("RL3004", bound(STRONG, account("web", "shop"), account("default", "shop"), user("u")), maker) == ()
    assert found("RL3004", bound(STRONG, GONE)[2:], maker) == ()


def test_abac_counts():
    """A line may allow the creation as well."""
    line = '{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user": "ingrid",'
    line += ' "namespace": "shop", "resource": "serviceaccounts", "apiGroup": ""}}'
    (one,) = found("RL3004", bound(STRONG, GONE), abac=line)
    assert "user:ingrid" in one.message

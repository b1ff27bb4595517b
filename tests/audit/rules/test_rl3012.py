"""RL3012: the wrong API group in a binding."""

import pytest
from audit_rules import RBAC, account, binding, found, group, user


def _ref(api_group):
    return {"roleRef": {"apiGroup": api_group, "kind": "ClusterRole", "name": "view"}}


@pytest.mark.parametrize("api_group", ["v1", "rbac", f"{RBAC}/v1", "RBAC.authorization.k8s.io"])
def test_the_role(api_group):
    """Anything but the one group, which the patch writes."""
    (one,) = found("RL3012", binding("b", user("x"), role="view") | _ref(api_group))
    assert (one.severity.title, one.origin.path[-2:]) == ("High", ("roleRef", "apiGroup"))
    assert [(step.path, step.value) for step in one.patch.edits] == [("/roleRef/apiGroup", RBAC)]


@pytest.mark.parametrize(
    ("subject", "right"), [(user("x") | {"apiGroup": "v1"}, RBAC), (group("x") | {"apiGroup": "*"}, RBAC), (account("x", "ns"), "")]
)
def test_a_subject(subject, right):
    """Users and groups are of one group, service accounts of the core group."""
    wrong = subject if right else subject | {"apiGroup": RBAC}
    (one,) = found("RL3012", binding("b", user("y"), wrong, role="view"))
    assert [(step.path, step.value) for step in one.patch.edits] == [("/subjects/1/apiGroup", right)]


def test_each_wrong_one_is_told():
    """A role and two subjects are three findings."""
    bad = binding("b", user("x") | {"apiGroup": "a"}, user("y") | {"apiGroup": "a"}, role="view") | _ref("a")
    assert len({one.fingerprint for one in found("RL3012", bad)}) == 3


def test_others_are_clean():
    """Groups that are right or left out, and subjects of a kind that nobody knows."""
    unset = [{key: value for key, value in one.items() if key != "apiGroup"} for one in (user("x"), group("x"))]
    odd = {"kind": "Users", "name": "x", "apiGroup": "a"}
    assert found("RL3012", binding("a", *unset, account("x", "ns"), role="view"), binding("b", odd, role="view")) == ()

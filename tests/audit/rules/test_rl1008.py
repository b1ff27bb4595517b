"""RL1008: admin or edit in the whole cluster."""

import pytest
from audit_rules import account, binding, found, given, group, judged, policy_of, rule, user

EDIT = (
    rule("get create", "secrets"),
    rule("impersonate", "serviceaccounts"),
    rule("create", "serviceaccounts/token pods pods/exec"),
    rule("create", "deployments", "apps"),
)


@pytest.mark.parametrize("name", ["admin", "edit"])
@pytest.mark.parametrize("subject", [user("mallory"), account("ci", "ci"), group("devs")])
def test_admin_and_edit(name, subject):
    """Both roles contain what leads to cluster-admin from kube-system."""
    (one,) = found("RL1008", binding("team", subject, role=name))
    assert (one.severity.title, one.scopes) == ("Critical", ("*",))


def test_a_role_that_says_the_same():
    """Another name for the same rights."""
    assert found("RL1008", given(*EDIT))


@pytest.mark.parametrize("without", range(len(EDIT)))
def test_one_right_less_is_not_edit(without):
    """Each of the rights is needed; alone they have rules of their own."""
    assert found("RL1008", given(*(one for number, one in enumerate(EDIT) if number != without))) == ()


@pytest.mark.parametrize(
    "objects",
    [
        [binding("team", user("mallory"), role="view")],
        [binding("team", user("mallory"), role="edit", namespace="shop")],
        [binding("team", user("mallory"), role="edit", namespace="kube-system")],
        [binding("team", user("mallory"), role="cluster-admin")],
        [binding("team", user("mallory"), role="editor")],
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another role, a namespace (RL1009 where it is privileged), and cluster-admin (RL1002)."""
    assert found("RL1008", objects) == ()


def test_the_holder_amounts_to_cluster_admin():
    """The namespace of an account with edit everywhere is privileged; what the role gives in detail is part of this finding."""
    edit = binding("team", account("ci", "ci"), role="edit")
    findings = judged(policy_of(edit, binding("devs", user("mallory"), role="edit", namespace="ci")), "RL1008", "RL1009", "RL1101")
    assert {(one.rule, str(one.principal), one.part_of) for one in findings} == {
        ("RL1008", "sa:ci/ci", ""),
        ("RL1101", "sa:ci/ci", "RL1008"),
        ("RL1009", "user:mallory", ""),
    }

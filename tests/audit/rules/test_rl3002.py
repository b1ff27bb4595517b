"""RL3002: a binding to a service account that is not there."""

from audit_rules import account, binding, found, group, plain, user

THERE = [plain("Namespace", "shop"), plain("ServiceAccount", "releaser", "shop")]


def test_a_missing_account_is_found_on_its_subject():
    """The finding names the account, and the place is the subject."""
    (one,) = found("RL3002", THERE, binding("b", account("releaser", "shop"), account("gone", "shop"), role="view", namespace="shop"))
    assert (str(one.principal), one.origin.path[-2:], one.severity.title) == ("sa:shop/gone", ("subjects", 1), "Low")


def test_an_account_written_as_a_user_counts_too():
    """Subjects are compared by whom they stand for (RBAC-22); a namespace left out is the binding's."""
    for subject in (user("system:serviceaccount:shop:gone"), {"kind": "ServiceAccount", "name": "gone"}):
        assert len(found("RL3002", THERE, binding("b", subject, role="view", namespace="shop"))) == 1


def test_what_is_there_or_comes_by_itself_is_clean():
    """An account that is there, the account that every namespace has, other kinds, and the API server's own grants."""
    subjects = (account("releaser", "shop"), account("default", "shop"), user("gone"), group("gone"))
    assert found("RL3002", THERE, binding("b", *subjects, role="view", namespace="shop")) == ()


def test_silent_about_what_the_input_does_not_tell():
    """Without any ServiceAccount, and in a namespace of which nothing is known, nobody can tell what is missing."""
    bound = binding("b", account("gone", "shop"), role="view", namespace="shop")
    assert found("RL3002", plain("Namespace", "shop"), bound) == ()
    assert found("RL3002", plain("ServiceAccount", "x", "other"), bound) == ()

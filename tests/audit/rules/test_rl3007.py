"""RL3007: a service account without its namespace."""

from audit_rules import account, binding, found, group, user

NOBODYS = {"kind": "ServiceAccount", "name": "ci"}


def test_an_error_in_a_cluster_role_binding():
    """The API server refuses the binding; which account is meant only its author knows."""
    (one,) = found("RL3007", binding("b", user("x"), NOBODYS, role="view"))
    assert (one.severity.title, one.patch, one.origin.path[-2:]) == ("High", None, ("subjects", 1))


def test_a_note_in_a_role_binding():
    """There the binding's own namespace is meant, and the patch writes it down."""
    (one,) = found("RL3007", binding("b", NOBODYS, role="view", namespace="shop"))
    assert (one.severity.title, "shop" in one.message) == ("Info", True)
    assert [(step.op, step.path, step.value) for step in one.patch.edits] == [("add", "/subjects/0/namespace", "shop")]


def test_every_such_subject_is_told():
    """Two accounts are two findings, and an empty text is no namespace either."""
    two = found("RL3007", binding("b", NOBODYS, account("other", ""), role="view"))
    assert len({one.fingerprint for one in two}) == 2


def test_others_are_clean():
    """An account with its namespace, users and groups, and a binding that is refused for something else."""
    subjects = (account("ci", "shop"), user("ci"), group("ci"))
    assert found("RL3007", binding("a", *subjects, role="view"), binding("b", account("ci", "x"), role="r", kind="Role")) == ()

"""RL3011: a ClusterRoleBinding of a Role."""

from audit_rules import binding, found, role, rule, user

BAD = binding("b", user("x"), role="orders", kind="Role")
ORDERS = role("orders", rule("get", "pods"), namespace="shop")


def test_the_binding_is_refused():
    """One finding, at the kind of the role."""
    (one,) = found("RL3011", BAD)
    assert (one.severity.title, one.origin.path[-2:], one.related) == ("High", ("roleRef", "kind"), ())


def test_the_role_is_shown():
    """Where the Role stands that was meant, and in which namespace."""
    (one,) = found("RL3011", BAD, ORDERS, role("other", namespace="shop"))
    assert ("in shop" in one.message, len(one.related)) == (True, 1)


def test_others_are_clean():
    """A RoleBinding of a Role, a ClusterRoleBinding of a ClusterRole, and one of another unknown kind."""
    good = binding("a", user("x"), role="orders", kind="Role", namespace="shop")
    assert found("RL3011", ORDERS, good, binding("c", user("x"), role="view"), binding("d", role="r", kind="role")) == ()


def test_an_annotation_waives_it():
    """What the API server refuses can be waived where it stands, as everything else."""
    from datetime import date

    from audit_rules import policy_of

    from rbaclens.audit.judging import judge
    from rbaclens.audit.registry import load_rule
    from rbaclens.audit.run import audit
    from rbaclens.audit.settings import Settings
    from rbaclens.index.engine import Engine

    waived = BAD | {"metadata": {"name": "b", "annotations": {"rbaclens.dev/waive": "RL3011: mended next week"}}}
    policy = policy_of(waived)
    verdict = judge(audit(Engine(policy), policy_of(), [load_rule("RL3011")]), Settings(), policy, date(2026, 1, 1))
    assert [one.state for one in verdict.judged] == ["waived"]

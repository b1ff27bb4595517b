"""RL3308: aggregated roles that gather one another or themselves."""

from audit_rules import found, role, rule

VIEW = "rbac.authorization.k8s.io/aggregate-to-view"


def _gatherer(name, label, labels=None):
    return role(name, aggregationRule={"clusterRoleSelectors": [{"matchLabels": {label: "true"}}]}, labels=labels)


def test_itself():
    """A role never gathers itself (RBAC-41)."""
    (one,) = found("RL3308", _gatherer("own", "a", {"a": "true"}))
    assert "leaves a role out" in one.message


def test_a_chain():
    """One aggregated role gathers another."""
    (one,) = found("RL3308", _gatherer("outer", "a"), _gatherer("inner", "b", {"a": "true"}))
    assert one.objects[0].name == "outer"
    assert "inner" in one.message


def test_into_the_shipped_roles():
    """An aggregated role that view gathers is told of view, and the shipped chain is not told at all."""
    (one,) = found("RL3308", _gatherer("mine", "b", {VIEW: "true"}))
    assert one.objects[0].name == "view"


def test_plain_roles():
    """Gathering a plain role is what aggregation is for; other labels gather nothing."""
    assert found("RL3308", _gatherer("outer", "a"), role("inner", rule("get", "pods"), labels={"a": "true"})) == ()
    assert found("RL3308", _gatherer("outer", "a"), _gatherer("inner", "b", {"a": "false"})) == ()

"""RL3010: a binding without subjects."""

from audit_rules import binding, found, user


def test_empty_and_absent_are_the_same():
    """A list that is empty, and none at all."""
    without = binding("c", role="view", namespace="shop")
    del without["subjects"]
    assert len(found("RL3010", binding("b", role="view"), without)) == 2


def test_a_binding_with_a_subject_is_clean():
    """One subject is enough."""
    assert found("RL3010", binding("b", user("u"), role="view")) == ()


def test_the_api_servers_own_empty_binding_is_told_by_its_content():
    """The binding system:node is empty on every cluster; another one of its role, or of its name, is not excused."""
    assert found("RL3010", binding("system:node", role="system:node")) == ()
    assert len(found("RL3010", binding("nodes", role="system:node"))) == 1
    assert len(found("RL3010", binding("system:node", role="view"))) == 1

"""RL1009: admin or edit in a privileged namespace."""

import pytest
from audit_rules import account, binding, found, user


@pytest.mark.parametrize("name", ["admin", "edit"])
def test_admin_and_edit(name):
    """Both roles give the token of every account of the namespace."""
    (one,) = found("RL1009", binding("team", user("mallory"), role=name, namespace="kube-system"))
    assert (one.severity.title, one.scopes) == ("Critical", ("kube-system",))


@pytest.mark.parametrize(
    "objects",
    [
        [binding("team", user("mallory"), role="edit", namespace="shop")],
        [binding("team", user("mallory"), role="edit", namespace="kube-public")],
        [binding("team", user("mallory"), role="view", namespace="kube-system")],
        [binding("team", user("mallory"), role="cluster-admin", namespace="kube-system")],
        [binding("team", user("mallory"), role="edit")],
        [binding("team", user("mallory"), role="edit", kind="Role", namespace="kube-system")],
    ],
)
def test_one_attribute_away_is_clean(objects):
    """An ordinary namespace, another role, everything there (RL1003), the whole cluster (RL1008), a Role of that name."""
    assert found("RL1009", objects) == ()


def test_privilege_spreads():
    """An account with edit in kube-system makes its own namespace privileged."""
    first = binding("a", account("ci", "ci"), role="edit", namespace="kube-system")
    findings = found("RL1009", first, binding("b", user("mallory"), role="admin", namespace="ci"))
    assert {one.scopes for one in findings} == {("kube-system",), ("ci",)}

"""RL3301: an RBAC API version of the past."""

import pytest
from audit_rules import RBAC, binding, found, role, rule, user


def _old(version, one):
    return one | {"apiVersion": f"{RBAC}/{version}"}


@pytest.mark.parametrize(
    ("version", "server", "level"),
    [
        ("v1beta1", (1, 36), "High"),
        ("v1beta1", (1, 22), "High"),
        ("v1beta1", (1, 21), "Info"),
        ("v1alpha1", (1, 23), "High"),
        ("v1alpha1", (1, 22), "Info"),
    ],
)
def test_by_version_of_the_server(version, server, level):
    """An error from the version on that does not serve it any more, before that a note."""
    (one,) = found("RL3301", _old(version, role("r", rule("get", "pods"))), version=server)
    assert (one.severity.title, one.origin.path[-1]) == (level, "apiVersion")


def test_every_kind_of_object():
    """Roles and bindings, of the cluster and of a namespace, and one that is refused for something else."""
    objects = [
        role("r"),
        role("r", namespace="shop"),
        binding("b", user("x"), role="r"),
        binding("b", user("x"), role="r", namespace="shop"),
    ]
    assert len(found("RL3301", [_old("v1beta1", one) for one in (*objects, binding("c", role="x", kind="Role"))])) == 5


def test_the_patch_writes_the_version():
    """But not on a binding of v1alpha1, whose subjects have another form."""
    (one,) = found("RL3301", _old("v1beta1", binding("b", user("x"), role="r")))
    assert [(step.path, step.value) for step in one.patch.edits] == [("/apiVersion", f"{RBAC}/v1")]
    assert found("RL3301", _old("v1alpha1", binding("b", user("x"), role="r")))[0].patch is None
    assert found("RL3301", _old("v1alpha1", role("r")))[0].patch is not None


def test_v1_and_written_over_ones_are_clean():
    """The version of today, and an old object behind which a new one of its name comes."""
    assert found("RL3301", _old("v1beta1", role("r")), role("r"), binding("b", user("x"), role="r")) == ()

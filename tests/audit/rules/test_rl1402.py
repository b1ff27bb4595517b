"""RL1402: exec, attach and port-forward by GET."""

import pytest
from audit_rules import found, given, grant, rule


@pytest.mark.parametrize("subresource", ["exec", "attach", "portforward"])
@pytest.mark.parametrize(("version", "severity"), [((1, 34), "High"), ((1, 35), "Low"), ((1, 36), "Low")])
def test_each_stream_counts_and_the_version_decides(subresource, version, severity):
    """Since 1.35 the server asks for create as well."""
    (one,) = found("RL1402", grant("get", f"pods/{subresource}"), version=version)
    assert (one.severity.title, one.scopes, str(one.principal)) == (severity, ("*",), "user:mallory")


def test_create_on_one_does_not_excuse_get_on_another():
    """Each stream is judged for itself."""
    assert found("RL1402", given(rule("get", "pods/exec pods/attach"), rule("create", "pods/exec")))


def test_create_in_one_namespace_does_not_excuse_get_everywhere():
    """The way around is open in the other namespaces."""
    everywhere = grant("get", "pods/exec", name="a")
    (one,) = found("RL1402", everywhere, grant("create", "pods/exec", namespace="shop", name="b"))
    assert one.scopes == ("*",)


def test_create_everywhere_excuses_get_in_a_namespace():
    """What is held in the whole cluster counts in the namespace."""
    assert found("RL1402", grant("create", "pods/exec", name="a"), grant("get", "pods/exec", namespace="shop", name="b")) == ()


def test_read_everything_and_subresource_wildcards():
    """A star for the resource covers the subresources."""
    assert found("RL1402", grant("get", "*"))
    assert found("RL1402", grant("get", "*/attach"))


def test_named_pods_are_a_level_less():
    """A grant that is limited to names is one level lower, and create on another name does not excuse it."""
    first = grant("get", "pods/exec", names="one", name="a")
    (alone,) = found("RL1402", first, grant("create", "pods/exec", names="two", name="b"), version=(1, 34))
    assert alone.severity.title == "Medium"
    assert found("RL1402", first, grant("create", "pods/exec", names="one", name="b"), version=(1, 34)) == ()


def test_namespaces():
    """In a namespace it is as bad."""
    (one,) = found("RL1402", grant("get", "pods/exec", namespace="shop"), version=(1, 34))
    assert (one.severity.title, one.scopes) == ("High", ("shop",))

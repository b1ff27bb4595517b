"""RL3209: paths in a Role."""

from audit_rules import found, role, rule, urls

PODS = rule("get", "pods")


def test_paths_are_refused():
    """One finding for each rule, at its paths; the patch leaves the other rules."""
    (one,) = found("RL3209", role("r", PODS, urls("get", "/metrics", "/healthz"), namespace="shop"))
    assert (one.severity.title, one.origin.path[-3:]) == ("High", ("rules", 1, "nonResourceURLs"))
    assert [[each["resources"] for each in step.value] for step in one.patch.edits] == [[("pods",)]]


def test_a_mixed_rule_keeps_its_resources():
    """Of a rule about both only the paths go."""
    (one,) = found("RL3209", role("r", PODS | {"nonResourceURLs": ["/metrics"]}, namespace="shop"))
    (left,) = one.patch.edits[0].value
    assert (left["resources"], left.get("nonResourceURLs")) == (("pods",), None)


def test_others_are_clean():
    """Paths in a ClusterRole, also a mixed one, and a Role that is refused for something else."""
    mixed = role("b", PODS | {"nonResourceURLs": ["/metrics"]})
    assert found("RL3209", role("a", urls("get", "/metrics")), mixed, role("c", rule("", "pods"), namespace="shop")) == ()

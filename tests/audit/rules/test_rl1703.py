"""RL1703: deleting webhook configurations."""

from audit_rules import grant, judged, policy_of


def test_each_kind_of_guard_has_its_rule():
    """Who writes webhooks does not delete them, and who deletes policies is another rule's."""
    group = "admissionregistration.k8s.io"
    for verb, resource, rule in (
        ("delete", "mutatingwebhookconfigurations", "RL1703"),
        ("update", "mutatingwebhookconfigurations", "RL1701"),
        ("update", "validatingwebhookconfigurations", "RL1702"),
        ("delete", "validatingadmissionpolicies", "RL1705"),
    ):
        found = judged(policy_of(grant(verb, resource, group)), "RL1701", "RL1702", "RL1703", "RL1705")
        assert [one.rule for one in found] == [rule]

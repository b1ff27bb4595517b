"""Every rule against its own samples, and against the same grants in other forms."""

import audit_rules
import pytest

from rbaclens.analysis.holder import Principal
from rbaclens.audit.patch import applied
from rbaclens.audit.registry import load_rule, rule_ids
from rbaclens.audit.rule import CapabilityRule, ControlRule

WITH_SAMPLES = [one for one in rule_ids() if not isinstance(load_rule(one), ControlRule)]
CAPABILITIES = [one for one in rule_ids() if isinstance(load_rule(one), CapabilityRule)]


@pytest.mark.parametrize("rule", WITH_SAMPLES)
def test_vulnerable_sample_is_found(rule):
    """The vulnerable sample has a finding of the rule, which names a place, and no other finding twice."""
    found = audit_rules.judged(audit_rules.sample(rule, "vulnerable"), rule, **audit_rules.sample_more(rule, "vulnerable"))
    assert found
    assert all(one.rule == rule and one.message and one.remediation for one in found)
    assert len({one.fingerprint for one in found}) == len(found)


@pytest.mark.parametrize("rule", WITH_SAMPLES)
def test_hardened_sample_is_clean(rule):
    """The hardened sample has no finding of the rule."""
    assert audit_rules.judged(audit_rules.sample(rule, "hardened"), rule, **audit_rules.sample_more(rule, "hardened")) == ()


@pytest.mark.parametrize("rule", WITH_SAMPLES)
def test_patches_remove_their_findings(rule):
    """Every patch, applied to the policy, removes its finding and brings no new one of the rule."""
    policy, more = audit_rules.sample(rule, "vulnerable"), audit_rules.sample_more(rule, "vulnerable")
    before = audit_rules.judged(policy, rule, **more)
    for finding in before:
        if finding.patch is not None:
            after = {one.fingerprint for one in audit_rules.judged(applied(policy, finding.patch), rule, **more)}
            assert finding.fingerprint not in after
            assert after <= {one.fingerprint for one in before}


@pytest.mark.parametrize("rule", CAPABILITIES)
def test_the_same_by_group(rule):
    """A grant to a group is found on the group, once."""
    found = audit_rules.judged(audit_rules.by_group(audit_rules.sample(rule, "vulnerable")), rule)
    assert {one.principal for one in found if not one.latent} == {Principal("Group", "wanderers")}


@pytest.mark.parametrize("rule", CAPABILITIES)
def test_the_same_by_all_service_accounts(rule):
    """A grant to all service accounts is found on their group, and at least as bad."""
    policy = audit_rules.sample(rule, "vulnerable")
    plain = max(one.score for one in audit_rules.judged(policy, rule))
    found = audit_rules.judged(audit_rules.by_group(policy, "system:serviceaccounts"), rule)
    assert {one.principal for one in found if not one.latent} == {Principal("Group", "system:serviceaccounts")}
    assert max(one.score for one in found) >= plain


@pytest.mark.parametrize("rule", CAPABILITIES)
def test_the_same_by_aggregation(rule):
    """A grant that a role gathers from another is found."""
    found = audit_rules.judged(audit_rules.by_aggregation(audit_rules.sample(rule, "vulnerable")), rule)
    assert [one for one in found if not one.latent]


@pytest.mark.parametrize("rule", [one for one in CAPABILITIES if load_rule(one).unless is None])
def test_the_same_by_abac(rule):
    """The grant as ABAC lines is found, with the line as evidence; ABAC knows no verbs, so that rules about a missing one are left out."""
    found = audit_rules.judged(audit_rules.by_abac(audit_rules.sample(rule, "vulnerable")), rule)
    assert [one for one in found if one.principal == Principal("User", "ingrid") and one.evidence]


def test_the_bootstrap_policy_alone_is_clean():
    """What every cluster has from its start is nobody's finding."""
    assert audit_rules.judged(audit_rules.policy_of()) == ()

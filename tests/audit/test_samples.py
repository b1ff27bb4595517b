"""Every rule against its own samples; what holds for all rules at once."""

import audit_rules
import msgspec
import pytest

from rbaclens.audit.patch import applied
from rbaclens.audit.registry import load_rule, rule_ids
from rbaclens.audit.rule import ControlRule
from rbaclens.model.location import Origin

WITH_SAMPLES = [one for one in rule_ids() if not isinstance(load_rule(one), ControlRule)]


@pytest.mark.parametrize("rule", WITH_SAMPLES)
def test_vulnerable_sample_is_found(rule):
    """The vulnerable sample has a finding of the rule, which names a place, and no other finding twice."""
    found = audit_rules.judged(audit_rules.sample(rule, "vulnerable"), rule)
    assert found
    assert all(one.rule == rule and one.message and one.remediation for one in found)
    assert len({one.fingerprint for one in found}) == len(found)


@pytest.mark.parametrize("rule", WITH_SAMPLES)
def test_hardened_sample_is_clean(rule):
    """The hardened sample has no finding of the rule."""
    assert audit_rules.judged(audit_rules.sample(rule, "hardened"), rule) == ()


@pytest.mark.parametrize("rule", WITH_SAMPLES)
def test_patches_remove_their_findings(rule):
    """Every patch that any rule has for this rule's samples, applied, removes its finding and brings no new one of its rule."""
    for which in ("vulnerable", "hardened"):
        policy = audit_rules.sample(rule, which)
        before = audit_rules.judged(policy)
        for finding in before:
            if finding.patch is not None:
                after = {one.fingerprint for one in audit_rules.judged(applied(policy, finding.patch), finding.rule)}
                assert finding.fingerprint not in after
                assert after <= {one.fingerprint for one in before}


@pytest.mark.parametrize("minor", range(20, 38))
def test_the_bootstrap_policy_alone_is_clean(minor):
    """What every cluster has from its start is nobody's finding, by whatever rule and for whatever version."""
    assert audit_rules.judged(audit_rules.policy_of(), version=(1, minor)) == ()


def test_the_bootstrap_policy_as_a_cluster_lists_it_is_clean():
    """The same roles and bindings, read from a file instead of added by the program."""

    def listed(one):
        return msgspec.structs.replace(one, origin=Origin("cluster.yaml"))

    policy = audit_rules.policy_of()
    read = msgspec.structs.replace(policy, roles=tuple(map(listed, policy.roles)), bindings=tuple(map(listed, policy.bindings)))
    assert audit_rules.judged(read) == ()

"""RL1006: reading everything."""

import pytest
from audit_rules import found, grant, judged, policy_of


@pytest.mark.parametrize("verb", ["get", "list", "watch", "*"])
@pytest.mark.parametrize("api_group", ["", "*"])
def test_every_reading_verb_counts(verb, api_group):
    """Any reading verb on all resources of the core group; everything at all is RL1001's."""
    findings = found("RL1006", grant(verb, "*", api_group))
    assert [one.severity.title for one in findings] == ([] if verb == api_group == "*" else ["Critical"])


@pytest.mark.parametrize(
    "objects",
    [
        grant("create", "*"),
        grant("get", "*/*"),
        grant("get", "*/log"),
        grant("get", "pods"),
        grant("get", "*", "apps"),
        grant("get", "*", "core"),
        grant("get", "*", names="one"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, one resource or subresource, another group, and ``*/*``, which matches nothing."""
    assert found("RL1006", objects) == ()


def test_reading_secrets_is_part_of_it():
    """What follows from the star is told as part of this finding."""
    findings = judged(policy_of(grant("get list", "*")), "RL1006", "RL1101")
    assert {one.rule: one.part_of for one in findings} == {"RL1006": "", "RL1101": "RL1006"}

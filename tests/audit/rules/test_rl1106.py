"""RL1106: changing secrets."""

from audit_rules import grant, judged, policy_of


def test_only_a_patch_shows_what_was_there():
    """The answer to an update is what was sent; the answer to an empty patch is the secret (RL1112)."""
    for verb, rules in (("update", {"RL1106"}), ("patch", {"RL1106", "RL1112"})):
        found = judged(policy_of(grant(verb, "secrets", namespace="shop")), "RL1103", "RL1105", "RL1106", "RL1112")
        assert {one.rule for one in found} == rules

"""RL1704: writing mutating admission policies."""

import pytest
from audit_rules import found, grant, group

GROUP = "admissionregistration.k8s.io"
POLICIES = "mutatingadmissionpolicies"
BINDINGS = "mutatingadmissionpolicybindings"


@pytest.mark.parametrize("verb", ["create", "update", "patch", "*"])
def test_every_writing_verb_counts(verb):
    """Any write of both halves puts a policy of one's own in force."""
    (one,) = found("RL1704", grant(verb, f"{POLICIES} {BINDINGS}", GROUP))
    assert (one.severity.title, one.scopes) == ("Critical", ("*",))


def test_both_halves_from_two_grants():
    """The union of what a principal holds counts."""
    (one,) = found(
        "RL1704", grant("create", POLICIES, GROUP, name="a"), grant("create", BINDINGS, GROUP, to=group("system:authenticated"), name="b")
    )
    assert (one.severity.title, len(one.evidence)) == ("Critical", 2)


@pytest.mark.parametrize("verb", ["update", "patch"])
def test_a_policy_in_force_can_be_rewritten(verb):
    """Without the bindings it takes a policy that is bound already, a level less."""
    (one,) = found("RL1704", grant(verb, POLICIES, GROUP))
    assert one.severity.title == "High"


@pytest.mark.parametrize(
    "objects",
    [
        grant("create", POLICIES, GROUP),
        grant("create update patch", BINDINGS, GROUP),
        grant("get list watch delete", f"{POLICIES} {BINDINGS}", GROUP),
        grant("*", f"{POLICIES} {BINDINGS}"),
        grant("*", f"{POLICIES}/* {BINDINGS}/*", GROUP),
        grant("*", "validatingadmissionpolicies validatingadmissionpolicybindings", GROUP),
        grant("*", "*", "*", namespace="kube-system"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """A new policy without a binding does nothing, a binding changes no policy; other verbs, groups, kinds and scopes are not meant."""
    assert found("RL1704", objects) == ()


def test_older_servers_do_not_have_it():
    """Served by default from 1.36 on."""
    assert found("RL1704", grant("*", f"{POLICIES} {BINDINGS}", GROUP), version=(1, 35)) == ()

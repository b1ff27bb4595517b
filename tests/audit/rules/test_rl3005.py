"""RL3005: a user or group whom nobody knows."""

import pytest
from audit_rules import account, binding, found, group, user

from rbaclens.audit.surroundings import Surroundings
from rbaclens.model.identities import Identities, Membership
from rbaclens.model.location import Origin

ALICE = Membership("alice", "clerks", Origin("ids.yaml"))
KNOWN = Identities({"alice": (ALICE,), "loner": ()}, {"clerks": (ALICE,)})


def _found(*subjects, known=KNOWN):
    return found("RL3005", binding("b", *subjects, role="view", namespace="shop"), surroundings=Surroundings(known))


def test_users_and_groups():
    """Each is a note of its own; the patch takes it out."""
    two = _found(user("alice"), user("bob"), group("clerk"))
    assert {(str(one.principal), one.severity.title) for one in two} == {("user:bob", "Info"), ("group:clerk", "Info")}
    assert {one.patch.edits[0].path for one in two} == {"/subjects/1", "/subjects/2"}


@pytest.mark.parametrize("subject", [user("Alice"), user("clerks"), group("alice")])
def test_near_misses_are_unknown(subject):
    """Another case, and the other kind; of a single subject the patch deletes the binding."""
    (one,) = _found(subject)
    assert one.patch.deletes


@pytest.mark.parametrize(
    "subject", [user("alice"), user("loner"), group("clerks"), group("system:authenticated"), user("system:node:a"), account("a", "shop")]
)
def test_others_are_clean(subject):
    """Who is known, also without a group; Kubernetes' own names and service accounts."""
    assert _found(subject) == ()


def test_patterns_name_their_groups_and_users():
    """Names that are filled in at login."""
    mapped = Membership("dev:{{SessionName}}", "devs", Origin("aws-auth.yaml"))
    known = Identities({"alice": ()}, {}, (mapped,))
    assert _found(user("dev:carol"), group("devs"), known=known) == ()
    assert len(_found(user("ops:carol"), group("ops"), known=known)) == 2


def test_an_inventory_without_groups_says_nothing_of_them():
    """And one without users nothing of users."""
    assert _found(group("any"), known=Identities({"alice": ()})) == ()
    assert _found(user("any"), known=Identities({}, {"clerks": (ALICE,)})) == ()


def test_silent_without_identities():
    """Kubernetes itself knows no users."""
    assert _found(user("bob"), known=None) == ()

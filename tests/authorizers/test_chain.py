"""The union of authorizers, the modules that need no policy, and what is said when several speak (ATTR-22 to ATTR-29)."""

from __future__ import annotations

import pytest

from rbaclens.authorizers.always import AlwaysAllow, AlwaysDeny
from rbaclens.authorizers.chain import decide
from rbaclens.authorizers.privileged import PrivilegedGroup
from rbaclens.authorizers.reference.decide import decide as reference
from rbaclens.index.engine import Engine
from rbaclens.index.permissions import rules_review
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.decision import Answer, Opinion, Verdict
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

REQUEST = Request("get", "pods", namespace="ns", user="bob", groups=("system:authenticated",))
MASTER = Request("get", "pods", namespace="ns", user="eve", groups=("system:masters",))
EVERYTHING = PolicyRule(("*",), ("*",), ("*",))
EVERY_URL = PolicyRule(verbs=("*",), non_resource_urls=("*",))


class Says:
    """An authorizer that always says the same, and counts how often it is asked."""

    def __init__(self, verdict, text="", error="", name="says"):
        self.name = name
        self.asked = 0
        self._opinion = Opinion(verdict, name, text, error)

    def authorize(self, request):
        self.asked += 1
        return self._opinion


def nothing(text="", error=""):
    return Says(Verdict.NO_OPINION, text, error)


def allow(text="", error=""):
    return Says(Verdict.ALLOW, text, error)


def deny(text="", error=""):
    return Says(Verdict.DENY, text, error)


@pytest.mark.parametrize(
    ("chain", "answer", "denied", "reason", "error"),
    [
        ([nothing("a", "e1"), allow("ok")], Answer.YES, False, "ok", ""),
        ([deny("no"), allow()], Answer.NO, True, "no", ""),
        ([allow(), deny("no")], Answer.YES, False, "", ""),
        ([nothing("a"), nothing(), nothing("b")], Answer.NO, False, "a\nb", ""),
        ([nothing("", "e1"), nothing("", "e2")], Answer.NO, False, "", "[e1, e2]"),
        ([nothing("", "e1"), deny()], Answer.NO, True, "", ""),
        ([deny("", "err")], Answer.NO, True, "", "err"),
        ([allow("ok", "odd")], Answer.YES, False, "ok", "odd"),
        ([nothing("", "e1"), nothing("", "e1")], Answer.NO, False, "", "e1"),
        ([], Answer.NO, False, "", ""),
    ],
)
def test_union(chain, answer, denied, reason, error):
    """Table ATTR-C: the first definite word wins and only its reason and error count (ATTR-23); else all are joined (ATTR-24, X-06)."""
    decision = decide(chain, REQUEST)
    assert (decision.answer, decision.denied, decision.reason, decision.evaluation_error) == (answer, denied, reason, error)


@pytest.mark.parametrize("first", [allow(), deny()], ids=["allow", "deny"])
def test_nobody_behind_a_definite_word_is_asked(first):
    """Allow and Deny end the walk (ATTR-22, ATTR-23)."""
    behind = nothing("never heard")
    decide([first, behind], REQUEST)
    assert behind.asked == 0


def test_an_authorizer_that_was_not_asked_makes_every_later_word_doubtful():
    """What could have said otherwise before leaves the answer unknown, whatever follows (ATTR-23)."""
    silent = Says(Verdict.UNKNOWN, "hook was not asked")
    for follower in (allow("ok"), deny("no"), nothing("a")):
        decision = decide([silent, follower], REQUEST)
        assert (decision.answer, decision.doubts) == (Answer.UNKNOWN, ("hook was not asked",))
    assert decide([allow(), silent], REQUEST).answer is Answer.YES
    assert decide([deny(), silent], REQUEST).answer is Answer.NO


def test_missing_policy_never_turns_a_no_into_a_yes_or_stays_a_no():
    """A gap could hold a grant but never a denial (ATTR-28): an allow stands, everything else is unknown."""
    gaps = ("x.yaml could not be read",)
    assert decide([allow()], REQUEST, gaps).answer is Answer.YES
    for chain in ([], [nothing("a")], [deny("no")]):
        assert (decide(chain, REQUEST, gaps).answer, decide(chain, REQUEST, gaps).doubts) == (Answer.UNKNOWN, gaps)


@pytest.mark.parametrize(
    ("groups", "verdict"),
    [
        (("system:masters",), Verdict.ALLOW),
        (("a", "system:masters", "b"), Verdict.ALLOW),
        (("System:Masters",), Verdict.NO_OPINION),
        (("system:masters:x",), Verdict.NO_OPINION),
        ((), Verdict.NO_OPINION),
    ],
)
def test_privileged_group(groups, verdict):
    """ATTR-25: membership alone counts, and the reason is empty."""
    opinion = PrivilegedGroup().authorize(Request("get", "pods", user="system:masters", groups=groups))
    assert (opinion.verdict, opinion.reason, opinion.error) == (verdict, "", "")


def configured(*types):
    return AuthorizerConfig(tuple(AuthorizerEntry(kind, kind.lower()) for kind in types))


@pytest.mark.parametrize(
    ("types", "answer", "reason"),
    [
        (("AlwaysDeny",), Answer.NO, "Everything is forbidden."),
        (("AlwaysDeny", "AlwaysAllow"), Answer.YES, ""),
        (("AlwaysAllow", "AlwaysDeny"), Answer.YES, ""),
        (("AlwaysDeny", "RBAC"), Answer.NO, "Everything is forbidden."),
        (("AlwaysAllow", "RBAC"), Answer.YES, ""),
        (("ABAC", "AlwaysDeny"), Answer.NO, "No policy matched.\nEverything is forbidden."),
        (("RBAC",), Answer.NO, ""),
    ],
)
def test_always_modes(types, answer, reason):
    """AlwaysAllow allows (ATTR-26), AlwaysDeny merely has no opinion (ATTR-27), and no mode here denies (ATTR-28)."""
    config = configured(*types)
    for decision in (Engine(PolicySet(), config).decide(REQUEST), reference(PolicySet(), config, REQUEST)):
        assert (decision.answer, decision.reason, decision.denied) == (answer, reason, False)


def test_masters_pass_every_mode():
    """The privileged group stands before every configured mode, AlwaysDeny as well, whoever asks about it (ATTR-25, SAR-04)."""
    for types in ((), ("AlwaysDeny",), ("Node", "RBAC"), ("Webhook",)):
        config = configured(*types)
        for decision in (Engine(PolicySet(), config).decide(MASTER), reference(PolicySet(), config, MASTER)):
            assert (decision.answer, decision.opinion.authorizer) == (Answer.YES, "privileged group")


def test_modes_without_policy():
    """The two modes themselves, on any request (ATTR-26, ATTR-27)."""
    for request in (REQUEST, MASTER, Request("", path="")):
        assert AlwaysAllow().authorize(request).verdict is Verdict.ALLOW
        assert (AlwaysDeny().authorize(request).verdict, AlwaysDeny().authorize(request).reason) == (
            Verdict.NO_OPINION,
            "Everything is forbidden.",
        )


LISTED = PolicySet(
    (Role("Role", "ns", "r", (PolicyRule(("get",), ("",), ("pods",)),), Origin("f")),),
    (
        Binding("RoleBinding", "ns", "b", (Subject("User", "bob"),), RoleRef("Role", "r"), Origin("f")),
        Binding("ClusterRoleBinding", "", "c", (Subject("User", "bob"),), RoleRef("ClusterRole", "gone"), Origin("f")),
    ),
    abac=(AbacPolicy(Origin("a"), 1, user="bob", resource="secrets", namespace="ns", readonly=True),),
)
GONE = 'clusterrole.rbac.authorization.k8s.io "gone" not found'
FROM_RBAC = PolicyRule(("get",), ("",), ("pods",))
FROM_ABAC = PolicyRule(("get", "list", "watch"), ("",), ("secrets",))


@pytest.mark.parametrize(
    ("types", "resource_rules", "url_rules", "incomplete", "error"),
    [
        (("RBAC", "ABAC"), (FROM_RBAC, FROM_ABAC), (), False, GONE),
        (("ABAC", "RBAC"), (FROM_ABAC, FROM_RBAC), (), False, GONE),
        (("AlwaysAllow", "AlwaysDeny"), (EVERYTHING,), (EVERY_URL,), False, ""),
        (("AlwaysDeny",), (), (), False, ""),
        (("AlwaysAllow", "ABAC"), (EVERYTHING, FROM_ABAC), (EVERY_URL,), False, ""),
        (("Webhook", "RBAC"), (FROM_RBAC,), (), True, f"[webhook authorizer does not support user rule resolution, {GONE}]"),
    ],
)
def test_rules_of_a_chain(types, resource_rules, url_rules, incomplete, error):
    """ATTR-29: the members' rules one after the other, incomplete when one is, errors as one (also ATTR-26, ATTR-27)."""
    review = rules_review(Engine(LISTED, configured(*types)), "bob", (), "ns")
    assert (review.resource_rules, review.non_resource_rules) == (resource_rules, url_rules)
    assert (review.incomplete, review.evaluation_error) == (incomplete, error)

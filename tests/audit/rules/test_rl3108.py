"""RL3108: rights that nobody used."""

import pytest
from audit_rules import binding, given, group, judged, policy_of, role, rule, sample_more, urls, user

from rbaclens.analysis.usage import Usage
from rbaclens.audit.surroundings import Surroundings
from rbaclens.index.engine import Engine
from rbaclens.model.request import Request

DAYS = ("2026-03-01T10:00:00Z", "2026-03-08T09:00:00Z")


def _found(*asked, objects, times=DAYS):
    """The findings when these requests, (verb, resource, more), are all that mallory asked."""
    policy = policy_of(*objects)
    usage = Usage(Engine(policy).rbac)
    for number, (verb, resource, *more) in enumerate(asked):
        main, _, subresource = resource.partition("/")
        path = {"path": more[0]} if more else {}
        request = Request(verb, main, subresource=subresource, namespace="shop", user="mallory", groups=("devs",), **path)
        usage.add(request, times[min(number, len(times) - 1)] if times else "")
    return judged(policy, "RL3108", surroundings=Surroundings(usage=usage))


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([rule("get delete", "pods")], "nobody needed delete on pods (ClusterRole tried)"),
        ([rule("get", "pods secrets")], "nobody needed get on secrets ("),
        ([rule("get", "pods"), rule("list", "nodes")], "nobody needed list on nodes ("),
        ([rule("list", "pods")], "nobody needed anything that it gives ("),
        ([rule("*", "pods")], "nobody needed anything but get on pods ("),
        ([rule("get", "*")], "nobody needed get on anything but pods, pods/log ("),
        ([rule("get", "pods pods/exec")], "nobody needed get on pods/exec ("),
        ([rule("get", "pods"), urls("get", "/healthz", "/metrics")], "nobody needed get on /metrics ("),
        ([rule("get", "pods", "apps")], "nobody needed anything that it gives ("),
    ],
)
def test_what_was_not_needed(rules, words):
    """Rules, verbs, resources and paths; of a star all but what it was used for."""
    (one,) = _found(("get", "pods"), ("get", "pods/log"), ("get", "", "/healthz"), objects=[given(*rules)])
    assert (one.severity.title, words in one.message) == ("Info", True)


def test_the_window_is_told():
    """Its days and its requests; without times the requests alone."""
    (one,) = _found(("get", "pods"), ("get", "pods"), objects=[given(rule("list", "pods"))])
    assert one.message.startswith("In 7 days of the audit log (2026-03-01 to 2026-03-08, 2 requests) nobody")
    (one,) = _found(("get", "pods"), objects=[given(rule("list", "pods"))], times=())
    assert one.message.startswith("In the audit log (1 request) nobody")


def test_long_lists_are_cut():
    """Three are told, and how many more there are."""
    (one,) = _found(("get", "pods"), objects=[given(rule("get", "pods"), *(rule("get", name) for name in "abcde"))])
    assert "get on a; get on b; get on c, and 2 more (" in one.message


def test_the_finding_stays_the_same():
    """It is about the binding, whatever the log of today holds."""
    objects = [given(rule("get list watch", "pods"))]
    assert _found(("get", "pods"), objects=objects)[0].fingerprint == _found(("list", "pods"), objects=objects)[0].fingerprint


def test_grants_of_groups_and_several_bindings():
    """A request uses every grant that allows it, also a group's; in another namespace it uses none."""
    pods = role("r", rule("get", "pods"))
    used = [binding("a", user("mallory"), role="r"), binding("b", group("devs"), role="r", namespace="shop")]
    idle = [binding("c", user("mallory"), role="r", namespace="ops"), binding("d", user("other"), role="r")]
    assert {one.objects[0].name for one in _found(("get", "pods"), objects=[pods, *used, *idle])} == {"c", "d"}


def test_what_was_used_is_clean():
    """All of it, a binding that gives nothing to anybody, and paths in a RoleBinding, which are another rule's (RL3109)."""
    local = [role("p", rule("get", "pods"), urls("get", "/x")), binding("p", user("mallory"), role="p", namespace="shop")]
    assert _found(("get", "pods"), objects=[given(rule("get", "pods")), local, binding("none", role="view")]) == ()


def test_silent_without_a_log():
    """And with one that holds no request."""
    policy = policy_of(given(rule("list", "pods")))
    assert judged(policy, "RL3108") == ()
    assert _found(objects=[given(rule("list", "pods"))]) == ()
    assert sample_more("RL3108", "vulnerable")["surroundings"].usage.requests == 3

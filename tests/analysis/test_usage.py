"""What recorded requests used of the policy."""

import pytest
from audit_rules import binding, policy_of, role, rule, user

from rbaclens.analysis.usage import Usage
from rbaclens.index.engine import Engine
from rbaclens.model.request import Request

POLICY = policy_of(role("r", rule("get list", "pods")), binding("b", user("u"), role="r"), bootstrap=False)


@pytest.mark.parametrize(
    ("times", "days"),
    [
        (["2026-03-01T00:00:00.000000Z"], 1),
        (["2026-03-02T00:00:00Z", "2026-03-01T23:00:00Z"], 1),
        (["2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z", ""], 3),
        ([""], None),
        (["yesterday"], None),
    ],
)
def test_days(times, days):
    """From the first to the last, in any order; what is no time tells nothing."""
    usage = Usage(Engine(POLICY).rbac)
    for time in times:
        usage.add(Request("get", "pods", user="u"), time)
    assert (usage.requests, usage.days) == (len(times), days)


def test_repeated_requests_cost_nothing_more(monkeypatch):
    """The grants of a request are looked for once, and again when too many others came between."""
    engine = Engine(POLICY)
    asked = []
    monkeypatch.setattr("rbaclens.analysis.usage._REMEMBERED", 2)
    real = engine.rbac.grants
    monkeypatch.setattr(type(engine.rbac), "grants", lambda _, request: asked.append(request.name) or real(request))
    usage = Usage(engine.rbac)
    for name in "aabbacab":
        usage.add(Request("get", "pods", name=name, user="u"))
    assert "".join(asked) == "abcab"
    assert [one.verbs for one in usage.unused(POLICY.bindings[0], POLICY.roles[0].rules)] == [("list",)]

"""The page decides as the engine does: its rules of matching, run in the browser, against ``Engine`` and ``who_can``."""

import json
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from explorer import dense
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import API_GROUPS, NAMES, PATHS, USERS, VERBS, identities, policies, requests

from rbaclens.explorer.data import Shown, encode, explorer_data
from rbaclens.explorer.page import EVALUATION, modules_text
from rbaclens.index.engine import Engine
from rbaclens.index.lookup import grants_naming
from rbaclens.index.who_can import who_can
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.decision import Answer
from rbaclens.model.identity import implied_groups, service_account_user
from rbaclens.model.objects import Binding
from rbaclens.model.pattern import Pattern
from rbaclens.model.request import Request

CHAINS = ["RBAC", "ABAC", "Node", "AlwaysDeny", "AlwaysAllow", "Webhook"]
ASK = """([document, requests, patterns, users]) => {
  const policy = readPolicy(JSON.parse(document))
  return JSON.stringify({
    decisions: requests.map(one => decide(policy, one)).map(one => [one.answer, one.verdict, one.authorizer, one.grants.map(told)]),
    holders: patterns.map(one => whoCan(policy, pattern(one)).holders.map(holder)),
    groups: users.map(([user, groups]) => impliedGroups(user, groups)),
  })
}"""
TOLD = """function holder({ who, scope, onlyIn, names, grant }) {
  return [who.kind, who.name, scope, onlyIn, [...names].sort(), grant.rules || []]
}
function told(grant) {
  if (grant.type === 'rbac') return [grant.binding.namespace, grant.binding.name, grant.position, grant.rule]
  return grant.type === 'abac' ? [grant.line.id] : [grant.type]
}"""


def open_evaluation(browser: Any, script: str) -> Any:
    """A page that holds the modules that decide, and nothing else."""
    found = browser.new_page()
    exported = "readPolicy, decide, whoCan, pattern, impliedGroups, heldBy, told, holder"
    found.add_script_tag(content=f"{script}\n{TOLD}\nObject.assign(globalThis, {{ {exported} }})", type="module")
    found.wait_for_function("globalThis.decide !== undefined")
    return found


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    """The modules as they are."""
    found = open_evaluation(browser, modules_text(EVALUATION))
    yield found
    found.close()


def asked(request: Request) -> dict[str, Any]:
    """A request as the page has it."""
    return {
        **{"verb": request.verb, "resource": request.resource, "group": request.api_group, "subresource": request.subresource},
        **{"namespace": request.namespace, "name": request.name, "path": request.path},
        **{"user": request.user, "groups": list(request.groups)},
    }


def asked_pattern(pattern: Pattern) -> dict[str, Any]:
    """A pattern as the page has it."""
    return {
        **{"verb": pattern.verb, "resource": pattern.resource, "group": pattern.api_group, "subresource": pattern.subresource},
        **{"namespace": pattern.namespace, "name": pattern.name, "path": pattern.path, "anyPath": pattern.any_path},
    }


def ask(page: Any, engine: Engine, requests: list[Request], patterns: tuple[Pattern, ...] = (), users: tuple[Any, ...] = ()) -> Any:
    """What the page makes of it all."""
    document = encode(explorer_data(engine, Shown())).decode()
    arguments = [document, [asked(one) for one in requests], [asked_pattern(one) for one in patterns], [list(one) for one in users]]
    return json.loads(page.evaluate(ASK, arguments))


def grants_of(engine: Engine, request: Request) -> list[Any]:
    """Every grant of the engine, as ``told`` says them; of ABAC the first line is enough."""
    return [
        [grant.binding.namespace, grant.binding.name, grant.binding.subjects.index(grant.subject), grant.rule_index]
        for grant in engine.rbac.grants(request)
    ]


def disagreements(page: Any, seed: int) -> tuple[list[Any], Counter[str]]:
    """On what page and engine disagree in the policy of a seed, and how often the engine said what."""
    random = Random(seed)  # noqa: S311
    engine = Engine(dense.policy(random))
    requests = [dense.request(random, engine.policy) for _ in range(40)]
    patterns = tuple(dense.pattern(random, one) for one in requests[:8])
    found = ask(page, engine, requests, patterns)
    wrong: list[Any] = []
    said: Counter[str] = Counter()
    for request, (answer, _, _, grants) in zip(requests, found["decisions"], strict=True):
        decision = engine.decide(request)
        by = decision.opinion.authorizer
        said[by or "nobody"] += 1
        if answer != decision.answer.value or (by == "rbac" and grants != grants_of(engine, request)):
            wrong.append((seed, request, decision.answer, answer, grants))
    for pattern, holders in zip(patterns, found["holders"], strict=True):
        if sorted(holders) != sorted(holders_of(engine, pattern)):
            wrong.append((seed, pattern))
    return wrong, said


def holders_of(engine: Engine, pattern: Pattern) -> list[Any]:
    """Who can, as ``holder`` says it."""
    return [[one.kind, one.name, one.scope, one.only_in, sorted(one.names), list(one.rules)] for one in who_can(engine, pattern).holders]


def test_agrees_where_most_requests_meet_a_rule(page: Any) -> None:
    """16,000 requests and 3,200 patterns on 400 policies, a quarter of them allowed: no disagreement at all."""
    said: Counter[str] = Counter()
    for seed in range(400):
        wrong, heard = disagreements(page, seed)
        assert wrong == []
        said += heard
    assert said["rbac"] > said.total() / 5
    assert said["abac"] > 150
    assert said["nobody"] > said.total() / 6


HELD = """document => {
  const policy = readPolicy(JSON.parse(document))
  const rows = [...policy.subjects.values()].map(who => [who.kind, who.name, heldBy(policy, who)])
  const grant = one => one.binding ? [one.scope, one.binding.namespace, one.binding.name, one.via] : [one.scope, one.line.id]
  return JSON.stringify(rows.map(([kind, name, held]) => [kind, name, held.filter(one => one.binding || one.line).map(grant)]))
}"""


def test_shows_everything_that_somebody_holds(page: Any) -> None:
    """Of every subject: each binding and line that names them or a group of theirs, once, by the subject that the engine names."""
    for seed in range(100):
        policy = dense.policy(Random(seed))  # noqa: S311
        document = encode(explorer_data(Engine(policy), Shown())).decode()
        for kind, name, held in json.loads(page.evaluate(HELD, document)):
            user, groups = identity_of(kind, name)
            expected = []
            for grant, (by_kind, by_name) in grants_naming(policy, user, groups):
                if isinstance(grant, Binding):
                    via = by_name if by_kind == "Group" and by_name != name else ""
                    expected.append([grant.namespace or "*", grant.namespace, grant.name, via])
                else:
                    expected.append([grant.namespace, (policy.abac or ()).index(grant)])
            assert sorted(map(str, held)) == sorted(map(str, expected)), (seed, kind, name)


def identity_of(kind: str, name: str) -> tuple[str, tuple[str, ...]]:
    """User and groups of a subject, as authentication completes them; of a group those of any member."""
    if kind == "Group":
        return "\0", implied_groups("\0", (name,))
    user = service_account_user(*name.split("/")) if kind == "ServiceAccount" else name
    return user, implied_groups(user)


MUTANTS = [
    ("matching", "resources.includes(`*/${subresource}`)", "false"),
    ("matching", "if (resources.includes(ALL)) return true", ""),
    ("matching", "names.length === 0 || names.includes(name)", "names.includes(name)"),
    ("matching", "names.length === 0 || names.includes(name)", "true"),
    ("matching", "while (end > 0 && url[end - 1] === ALL) end--", "end--"),
    ("matching", "url.endsWith(ALL) && ", ""),
    ("matching", "anyOf(rule.groups, request.group) &&", ""),
    ("matching", "anyOf(rule.verbs, request.verb) && urlMatches", "urlMatches"),
    ("matching", "entry !== prefix", "true"),
    ("rbac", "bound.position < known.position", "false"),
    ("rbac", "subject.namespace || bindingNamespace", "subject.namespace"),
    ("rbac", "return namespace ? accountUser(namespace, subject.name) : null", "return accountUser(namespace, subject.name)"),
    ("rbac", "request.path === null ? request.namespace : ''", "request.namespace || null"),
    ("rbac", "a.binding.id - b.binding.id", "b.binding.id - a.binding.id"),
    ("abac", "if (line.readonly && !READ_ONLY.includes(request.verb)) return false", ""),
    ("abac", "(!line.user || line.user === user) &&", "(!line.user || line.user === user) ||"),
    ("whocan", "lists.some(list => !list.length) ? []", "false ? []"),
    ("whocan", "if (binding.namespace && !", "if (false && !"),
]


@pytest.mark.parametrize(("module", "old", "new"), MUTANTS)
def test_would_notice(browser: Any, module: str, old: str, new: str) -> None:
    """A page that differs in one rule of matching is told apart from the engine: the agreement is worth something."""
    text = modules_text([module])
    assert text.count(old) == 1
    script = "\n".join(text.replace(old, new) if name == module else modules_text([name]) for name in EVALUATION)
    mutant = open_evaluation(browser, script)
    try:
        assert any(disagreements(mutant, seed)[0] for seed in range(400))
    finally:
        mutant.close()


resource_patterns = st.builds(
    Pattern,
    verb=st.one_of(st.none(), st.sampled_from(VERBS)),
    resource=st.one_of(st.none(), st.sampled_from(["pods", "secrets", "deployments", "*", ""])),
    api_group=st.one_of(st.none(), st.sampled_from([*API_GROUPS, "other"])),
    subresource=st.one_of(st.none(), st.sampled_from(["", "log", "scale"])),
    namespace=st.sampled_from([None, "", "a", "b"]),
    name=st.one_of(st.none(), st.sampled_from(NAMES)),
)
path_patterns = st.one_of(
    st.builds(Pattern, verb=st.sampled_from([None, *VERBS]), path=st.sampled_from(PATHS)),
    st.builds(Pattern, verb=st.sampled_from([None, *VERBS]), any_path=st.just(True)),
)
patterns = st.lists(st.one_of(resource_patterns, path_patterns), min_size=1, max_size=3).map(tuple)
SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@SLOW
@given(policy=policies(), asks=st.lists(requests(), min_size=1, max_size=12), chain=st.lists(st.sampled_from(CHAINS), max_size=3))
def test_decides_as_the_engine(page: Any, policy: Any, asks: list[Request], chain: list[str]) -> None:
    """Answer, authorizer and grants are the engine's for any policy, chain and request."""
    config = AuthorizerConfig(tuple(AuthorizerEntry(one, f"{one.lower()}{i}") for i, one in enumerate(chain))) if chain else None
    engine = Engine(policy, config)
    found = ask(page, engine, asks)["decisions"]
    for request, (answer, verdict, authorizer, grants) in zip(asks, found, strict=True):
        decision = engine.decide(request)
        assert answer == decision.answer.value, (request, decision)
        if decision.answer is Answer.YES:
            assert verdict == "allow"
            if decision.opinion.authorizer == "rbac":
                assert grants == grants_of(engine, request)
            elif decision.opinion.authorizer != "privileged group":
                assert authorizer.startswith(decision.opinion.authorizer[:4]) or decision.opinion.authorizer.startswith("always")


@SLOW
@given(policy=policies(), asks=patterns)
def test_lists_whom_the_engine_lists(page: Any, policy: Any, asks: tuple[Pattern, ...]) -> None:
    """Who can: the same holders, scopes, names and rules."""
    engine = Engine(policy)
    for pattern, found in zip(asks, ask(page, engine, [], asks)["holders"], strict=True):
        assert sorted(found) == sorted(holders_of(engine, pattern))


@SLOW
@given(
    users=st.lists(
        st.one_of(identities, st.tuples(st.from_regex(r"system:(serviceaccount|node):[a-z:.]{0,6}", fullmatch=True), st.just(()))),
        min_size=1,
        max_size=9,
    )
)
def test_implies_the_groups_that_authentication_adds(page: Any, users: list[Any]) -> None:
    """Groups of service accounts, nodes, anonymous and everybody else."""
    expected = [list(implied_groups(user, groups)) for user, groups in users]
    assert ask(page, Engine(next_policy()), [], (), tuple(users))["groups"] == expected


def next_policy() -> Any:
    """A policy of nothing."""
    from rbaclens.model.policy import PolicySet

    return PolicySet()


NODE_USERS = st.sampled_from(["system:node:n1", "system:node:"])


@SLOW
@given(policy=policies(), asks=st.lists(requests(), min_size=1, max_size=8), user=NODE_USERS, gap=st.booleans())
def test_never_says_no_to_what_it_cannot_know(page: Any, policy: Any, asks: list[Request], user: str, gap: bool) -> None:
    """A node's request and policy with gaps: yes and no are the engine's, and everything else is unknown."""
    import msgspec

    policy = msgspec.structs.replace(policy, gaps=("roles of b could not be read",) if gap else ())
    engine = Engine(policy)
    asks = [msgspec.structs.replace(one, user=user, groups=("system:nodes",)) for one in asks]
    for request, (answer, *_) in zip(asks, ask(page, engine, asks)["decisions"], strict=True):
        decided = engine.decide(request).answer
        assert answer == decided.value or (answer == "unknown" and user != "system:node:")
        assert answer != "no" or decided is Answer.NO


@pytest.mark.parametrize("user", USERS)
def test_takes_assumed_answers_of_webhooks(page: Any, user: str) -> None:
    """A webhook whose answer is assumed for every request is no doubt, allow or deny alike."""
    from typing import get_args

    from rbaclens.authorizers.webhook import AssumedAnswer, WebhookAuthorizer
    from rbaclens.model.policy import PolicySet

    config = AuthorizerConfig((AuthorizerEntry("Webhook", "hook"), AuthorizerEntry("AlwaysAllow", "all")))
    for assumed in get_args(AssumedAnswer):
        engine = Engine(PolicySet(), config, webhook=lambda entry, assumed=assumed: WebhookAuthorizer(entry, assumed=assumed))
        request = Request("get", "pods", namespace="a", user=user)
        assert ask(page, engine, [request])["decisions"][0][0] == engine.decide(request).answer.value

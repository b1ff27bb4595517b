"""Policies in which most requests meet some rule: what differs between two evaluators then shows soon."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec

from rbaclens.authorizers.rbac import subject_user
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role, RoleRef, Subject
from rbaclens.model.pattern import Pattern
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

NAMESPACES = ("a", "b")
VERBS = ("get", "list", "create", "*", "")
GROUPS = ("", "apps", "*")
RESOURCES = ("pods", "secrets", "pods/log", "*/log", "pods/*", "*", "*/scale", "deployments/scale", "pods/", "*/", "")
NAMES = ("x", "y", "*")
PATHS = ("/healthz", "/healthz/*", "/*", "*", "/api**", "/a*b", "/healthz*")
PEOPLE = ("bob", "eve")
TEAMS = ("devs", "ops", "system:authenticated", "system:serviceaccounts:a")
ORIGIN = Origin("dense")


def some(random: Random, values: tuple[str, ...], least: int = 1, most: int = 2) -> tuple[str, ...]:
    """A few of the values."""
    return tuple(random.sample(values, random.randint(least, most)))


def rule(random: Random) -> PolicyRule:
    """A rule that allows something, nearly always."""
    urls = some(random, PATHS) if random.random() < 0.35 else ()
    if urls and random.random() < 0.6:
        return PolicyRule(some(random, VERBS), non_resource_urls=urls)
    names = some(random, NAMES, 0) if random.random() < 0.4 else ()
    groups = some(random, GROUPS, 1 if random.random() < 0.95 else 0)
    return PolicyRule(some(random, VERBS), groups, some(random, RESOURCES, 1, 3), names, urls)


def subject(random: Random) -> Subject:
    """Somebody; now and then nobody."""
    kind = random.choice(("User", "User", "Group", "Group", "ServiceAccount", "ServiceAccount", "Robot"))
    name = random.choice({"User": (*PEOPLE, "system:serviceaccount:a:sa"), "Group": TEAMS}.get(kind, ("sa",)))
    return Subject(kind, name, random.choice(("", *NAMESPACES)))


def line(random: Random, number: int) -> AbacPolicy:
    """A line of an ABAC file."""
    user, group = random.choice((("bob", ""), ("", "devs"), ("bob", "devs"), ("", ""), ("*", ""), ("", "system:authenticated")))
    resource, path = random.choice((("pods", ""), ("*", ""), ("", "/healthz*"), ("", "*"), ("secrets", "/api")))
    where = random.choice(("a", "*", ""))
    return AbacPolicy(ORIGIN, number, user, group, random.random() < 0.5, random.choice(GROUPS), resource, where, path)


def policy(random: Random) -> PolicySet:
    """Roles everywhere, bindings of them, and perhaps an ABAC file."""
    places = [("ClusterRole", ""), *(("Role", namespace) for namespace in NAMESPACES)]
    roles = tuple(
        Role(kind, namespace, name, tuple(rule(random) for _ in range(random.randint(1, 3))), ORIGIN)  # type: ignore[arg-type]
        for kind, namespace in places
        for name in ("r0", "r1")
    )
    bindings = []
    for number in range(random.randint(2, 7)):
        namespace = random.choice(("", *NAMESPACES))
        ref = RoleRef("ClusterRole" if not namespace or random.random() < 0.5 else "Role", random.choice(("r0", "r1", "r0", "r1", "gone")))
        kind = "RoleBinding" if namespace else "ClusterRoleBinding"
        name = f"b{number if random.random() < 0.7 else 9 - number}{number}"
        subjects = tuple(subject(random) for _ in range(random.randint(1, 4)))
        bindings.append(Binding(kind, namespace, name, subjects, ref, ORIGIN))  # type: ignore[arg-type]
    lines = tuple(line(random, number) for number in range(random.randint(1, 3))) if random.random() < 0.3 else None
    return PolicySet(roles, tuple(bindings), abac=lines)


def request(random: Random, policy: PolicySet) -> Request:
    """A request that some grant of the policy allows, but perhaps for one attribute."""
    asked: dict[str, Any] = {
        "verb": "get",
        "resource": "pods",
        "namespace": random.choice(("", "a", "b", "c")),
        **identity(random, None, ""),
    }
    binding = random.choice(policy.bindings)
    asked |= identity(random, random.choice(binding.subjects) if random.random() < 0.9 else None, binding.namespace)
    rules = [one for role in policy.roles if role.name == binding.role_ref.name for one in role.rules]
    if rules:
        asked |= attributes(random, random.choice(rules))
    if binding.namespace and random.random() < 0.85:
        asked["namespace"] = binding.namespace
    if random.random() < 0.3:
        asked |= random.choice(
            (
                *({"verb": one} for one in VERBS),
                *({"resource": one} for one in ("pods", "secrets", "*", "")),
                *({"subresource": one} for one in ("", "log", "scale", "*")),
                *({"api_group": one} for one in (*GROUPS, "other")),
                *({"name": one} for one in ("", "x", "*")),
                {"namespace": "c"},
            )
        )
    return Request(**asked)


def identity(random: Random, subject: Subject | None, namespace: str) -> dict[str, Any]:
    """User and groups, of somebody whom a subject means or of anybody."""
    groups = some(random, TEAMS, 0)
    if subject is None:
        return {"user": random.choice((*PEOPLE, "*", "")), "groups": groups}
    if subject.kind == "Group":
        return {"user": random.choice((*PEOPLE, "zoe")), "groups": (*groups, subject.name)}
    return {"user": subject_user(subject, namespace) or subject.name, "groups": groups}


def attributes(random: Random, rule: PolicyRule) -> dict[str, Any]:
    """Attributes that a rule allows; stars are asked for by other names, mostly."""
    verb = random.choice(rule.verbs)
    verb = verb if random.random() < 0.1 else verb.replace("*", "watch")
    if rule.non_resource_urls and (not rule.resources or random.random() < 0.5):
        url = random.choice(rule.non_resource_urls)
        return {"verb": verb, "path": random.choice((url, url.rstrip("*"), url.rstrip("*") + "x", url + "/"))}
    entry = random.choice(rule.resources or ("pods",))
    resource, _, subresource = entry.partition("/")
    return {
        "verb": verb,
        "resource": resource.replace("*", "pods"),
        "subresource": subresource,
        "api_group": random.choice(rule.api_groups or ("",)).replace("*", "other"),
        "name": random.choice((*rule.resource_names, "x", "")),
    }


def pattern(random: Random, request: Request) -> Pattern:
    """A request with some of its places open."""
    if request.path is not None:
        return Pattern(random.choice((None, request.verb)), path=request.path) if random.random() < 0.8 else Pattern(None, any_path=True)
    found = Pattern.of(request)
    opened = some(random, ("verb", "resource", "api_group", "subresource", "namespace", "name"), 0, 4)
    return msgspec.structs.replace(found, **dict.fromkeys(opened))

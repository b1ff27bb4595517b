"""Every capability rule against policies that are made from its own trigger.

A trigger is taken apart into its smallest satisfying sets of atoms. Each set is granted, no more and no less, in every scope that
the rule speaks of and in every form in which somebody can hold it, and has to be found; the same with one attribute of one atom
changed has to be clean. All cases of a rule stand in one policy, each with a holder of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from audit_rules import account, binding, group, judged, plain, policy_of, role, user

from rbaclens.analysis.capability import FRESH, FRESH_PATH, AllOf, AnyOf, Atom, Expression
from rbaclens.audit.registry import load_rule, rule_ids
from rbaclens.audit.rule import C, CapabilityRule, Scope
from rbaclens.model.pattern import Pattern

RULES = [one for one in rule_ids() if isinstance(load_rule(one), CapabilityRule)]
# RL1011 speaks of the API server's own roles only, which nobody can make; its own tests bind them.
GENERATED = [one for one in RULES if one != "RL1011"]
# More is another rule: all verbs give what this one is about the lack of (RL1112: get, RL1207: escalate, RL1402: create), and all
# resources the other half of RL3215.
BROADER_IS_ANOTHER_RULE = {"RL1112", "RL1207", "RL1402", "RL3215"}
# A line has no verbs: whoever may delete secrets reads them too, and whoever may write roles has escalate.
NO_LINE_IS_SO_NARROW = {"RL1112", "RL1207"}
PLACES = {Scope.CLUSTER: "", Scope.NAMESPACE: "shop", Scope.PRIVILEGED: "kube-system"}
EKS = plain("Node", "worker", labels={"eks.amazonaws.com/nodegroup": "workers"})
ELSEWHERE = "elsewhere"
READING = frozenset({"get", "list", "watch"})
LINE = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}

Clause = tuple[Pattern, ...]
Rules = list[dict[str, object]]


def sets(expression: Expression) -> set[frozenset[Pattern]]:
    """The sets of atoms that satisfy an expression."""
    if isinstance(expression, Atom):
        return {frozenset({expression.pattern})}
    assert isinstance(expression, (AllOf, AnyOf))
    found: set[frozenset[Pattern]] = {frozenset()} if isinstance(expression, AllOf) else set()
    for part in expression.parts:
        found = {one | other for one in found for other in sets(part)} if isinstance(expression, AllOf) else found | sets(part)
    return found


def clauses(rule: CapabilityRule) -> list[Clause]:
    """The smallest sets of atoms that satisfy a rule's trigger, in a fixed order."""
    every = sets(rule.trigger)
    least = [one for one in every if not any(other < one for other in every)]
    return sorted((tuple(sorted(one, key=repr)) for one in least), key=repr)


def starred(word: str | None) -> str:
    return "*" if word in (FRESH, FRESH_PATH) else word or ""


def grant_of(atom: Pattern) -> dict[str, object]:
    """The policy rule that gives an atom and nothing more."""
    if not atom.is_resource:
        return {"verbs": [starred(atom.verb)], "nonResourceURLs": [starred(atom.path)]}
    resource = starred(atom.resource) + (f"/{atom.subresource}" if atom.subresource else "")
    found: dict[str, object] = {"verbs": [starred(atom.verb)], "apiGroups": [starred(atom.api_group)], "resources": [resource]}
    return found | ({"resourceNames": [atom.name]} if atom.name else {})


def line_of(atom: Pattern, who: str, namespace: str) -> str:
    """The ABAC line that gives an atom; it has no verb, and no name."""
    spec: dict[str, object] = {"user": who, "readonly": atom.verb in READING}
    if atom.is_resource:
        spec |= {"namespace": namespace or "*", "resource": starred(atom.resource), "apiGroup": starred(atom.api_group)}
    else:
        spec["nonResourcePath"] = starred(atom.path)
    return json.dumps(LINE | {"spec": spec})


def placed(rule: CapabilityRule) -> Iterator[tuple[str, str, Clause]]:
    """A name, a namespace (empty: the cluster) and a clause, for each scope of the rule in which the clause can be held."""
    for scope in rule.scores:
        for number, clause in enumerate(clauses(rule)):
            namespace = PLACES[scope]
            if not namespace or all(atom.is_resource and atom.namespace in (None, namespace) for atom in clause):
                yield f"{scope.name.lower()}-{number}", namespace, clause


def held(name: str, rules: Rules, subject: dict[str, object], namespace: str) -> list[dict[str, object]]:
    """A ClusterRole, bound in the cluster or in a namespace."""
    return [role(name, *rules), binding(name, subject, role=name, namespace=namespace)]


def changed(rule: CapabilityRule, atom: Pattern) -> Iterator[tuple[str, dict[str, object]]]:
    """The grant of an atom with one attribute changed."""
    plainly = grant_of(atom)
    yield "verb", plainly | {"verbs": ["behold"]}
    if not atom.is_resource:
        yield "path", plainly | {"nonResourceURLs": ["/teapots"]}
        return
    main, _, subresource = str(plainly["resources"][0]).partition("/")  # type: ignore[index]
    if atom.api_group is not None:
        yield "group", plainly | {"apiGroups": ["teapots.example"]}
    yield "resource", plainly | {"resources": ["teapots" + (f"/{subresource}" if subresource else "")]}
    yield "subresource", plainly | {"resources": [main if subresource and main != "*" else f"{main}/teapot"]}
    if main != "*":
        # What looks like every subresource is none at all.
        yield "slash-star", plainly | {"resources": [f"{main}/*"]}
    if atom.name:
        yield "name", plainly | {"resourceNames": ["teapot"]}
    elif not rule.named:
        yield "names", plainly | {"resourceNames": ["teapot"]}


def elsewhere(rule: CapabilityRule, clause: Clause, namespace: str) -> str | None:
    """A place where the same grants are not the rule's business."""
    if any(not atom.is_resource or atom.namespace == "" for atom in clause):
        return "kube-system"
    if Scope.NAMESPACE not in rule.scores or any(atom.namespace for atom in clause):
        return ELSEWHERE if namespace else (ELSEWHERE if set(rule.scores) == {C} else None)
    return None


def broader(atom: Pattern) -> Iterator[tuple[str, dict[str, object]]]:
    """The grant of an atom with a star for one attribute."""
    plainly = grant_of(atom)
    yield "verb", plainly | {"verbs": ["*"]}
    if atom.is_resource:
        yield "group", plainly | {"apiGroups": ["*"]}
        yield "resource", plainly | {"resources": ["*"]}
        if atom.subresource:
            yield "every", plainly | {"resources": [f"*/{atom.subresource}"]}
        yield "names", {key: value for key, value in plainly.items() if key != "resourceNames"}


def found_users(rule_id: str, objects: list[object], lines: list[str] | None = None) -> set[str]:
    policy = policy_of(EKS, *objects, abac=None if lines is None else "\n".join(lines))
    return {str(one.principal) for one in judged(policy, rule_id) if not one.latent}


@pytest.mark.parametrize("rule_id", GENERATED)
def test_every_way_to_hold_it_is_found(rule_id):
    """By user, group, account, the accounts of a namespace, and by a role that gathers another: each is found, on its holder."""
    rule = load_rule(rule_id)
    objects: list[object] = []
    expected = set()
    for name, namespace, clause in placed(rule):
        rules = [grant_of(atom) for atom in clause]
        for form, subject, principal in (
            ("user", user(f"u-{name}"), f"user:u-{name}"),
            ("group", group(f"g-{name}"), f"group:g-{name}"),
            ("account", account(f"s-{name}", "robots"), f"sa:robots/s-{name}"),
            ("accounts", group(f"system:serviceaccounts:n-{name}"), f"group:system:serviceaccounts:n-{name}"),
        ):
            objects += held(f"{form}-{name}", rules, subject, namespace)
            expected.add(principal)
        labels = {"gathered-by": f"a-{name}"}
        gatherer = {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": labels}]}}
        objects += [role(f"source-{name}", *rules, labels=labels), role(f"gatherer-{name}", **gatherer)]
        objects.append(binding(f"gatherer-{name}", user(f"a-{name}"), role=f"gatherer-{name}", namespace=namespace))
        expected.add(f"user:a-{name}")
    assert expected
    assert found_users(rule_id, objects) == expected


@pytest.mark.parametrize("rule_id", [one for one in GENERATED if one not in NO_LINE_IS_SO_NARROW])
def test_every_way_by_abac_is_found(rule_id):
    """One line of an ABAC file for each atom: found on the user of the lines."""
    cases = list(placed(load_rule(rule_id)))
    lines = [line_of(atom, f"x-{name}", namespace) for name, namespace, clause in cases for atom in clause]
    assert found_users(rule_id, [], lines) == {f"user:x-{name}" for name, _, _ in cases}


@pytest.mark.parametrize("rule_id", [one for one in GENERATED if one not in BROADER_IS_ANOTHER_RULE])
def test_a_star_is_found_too(rule_id):
    """All verbs, resources or groups instead of the one that is needed."""
    objects: list[object] = []
    expected = set()
    for name, namespace, clause in placed(load_rule(rule_id)):
        for at, atom in enumerate(clause):
            for what, instead in broader(atom):
                rules = [instead if one is atom else grant_of(one) for one in clause]
                holder = f"{name}-{at}-{what}"
                objects += held(holder, rules, user(holder), namespace)
                expected.add(f"user:{holder}")
    assert expected - found_users(rule_id, objects) == set()


@pytest.mark.parametrize("rule_id", GENERATED)
def test_one_attribute_away_is_clean(rule_id):
    """Another verb, path, group, resource, subresource, name or scope of one atom: nothing is found."""
    rule = load_rule(rule_id)
    objects: list[object] = []
    for name, namespace, clause in placed(rule):
        for at, atom in enumerate(clause):
            for what, instead in changed(rule, atom):
                rules = [instead if one is atom else grant_of(one) for one in clause]
                objects += held(f"{name}-{at}-{what}", rules, user(f"{name}-{at}-{what}"), namespace)
        other = elsewhere(rule, clause, namespace)
        if other:
            objects += held(f"{name}-place", [grant_of(atom) for atom in clause], user(f"{name}-place"), other)
    assert objects
    assert found_users(rule_id, objects) == set()

"""The names that policy and facts mention, and names that neither does."""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Iterable, Iterator

import msgspec

from rbaclens.authorizers.node_graph import NodeGraph
from rbaclens.model.objects import Binding, Role
from rbaclens.model.permission_facts import PermissionFact
from rbaclens.model.policy import PolicySet
from rbaclens.model.workloads import NodeGraphObjects

IsDefault = Callable[[Role | Binding], bool]

_GRAPH_KINDS = ("secret", "configmap", "serviceaccount", "persistentvolumeclaim", "persistentvolume", "resourceclaim", "pod")
_LETTERS = string.ascii_lowercase + string.digits


class Fresh(msgspec.Struct, frozen=True):
    """One name of each kind that neither policy nor facts mention."""

    user: str
    group: str
    verb: str
    api_group: str
    resource: str
    subresource: str
    name: str
    namespace: str
    path: str
    node: str
    account: str


def fresh_names(words: str) -> Fresh:
    """Names that occur nowhere in ``words``, a text that holds everything mentioned."""

    def unused(word: str) -> str:
        numbered = (f"{word}-{number}" for number in itertools.count(2))
        return next(one for one in itertools.chain((word,), numbered) if one not in words)

    return Fresh(
        user=unused("somebody"),
        group=unused("some-group"),
        verb=unused("some-verb"),
        api_group=unused("some.group"),
        resource=unused("some-resources"),
        subresource=unused("some-subresource"),
        name=unused("some-name"),
        namespace=unused("some-namespace"),
        path=unused("some-path"),
        node=unused("some-node"),
        account=unused("some-account"),
    )


def policy_words(policy: PolicySet) -> Iterator[str]:
    """Every name that matters to a decision on ``policy``; some come more than once."""
    for rule in {rule for role in policy.roles for rule in role.rules}:
        for field in (rule.verbs, rule.api_groups, rule.resources, rule.resource_names, rule.non_resource_urls):
            yield from field
    for binding in policy.bindings:
        yield from (subject.name for subject in binding.subjects)
    for line in policy.abac or ():
        yield from (line.user, line.group, line.api_group, line.resource, line.non_resource_path)
    yield from (one.name for one in (*policy.service_accounts, *policy.nodes))
    yield from mentioned_namespaces(policy)
    if policy.node_graph != NodeGraphObjects():
        graph = NodeGraph(policy.node_graph)
        yield from graph.nodes()
        for kind in _GRAPH_KINDS:
            yield from (name for _, name in graph.objects(kind))


def mentioned_namespaces(policy: PolicySet, is_default: IsDefault = lambda one: False) -> Iterator[str]:
    """The namespaces that anything but a default object names."""
    yield from (one.name for one in policy.namespaces)
    yield from (role.namespace for role in policy.roles if role.namespace and not is_default(role))
    for binding in policy.bindings:
        if not is_default(binding):
            yield from (name for name in (binding.namespace, *(subject.namespace for subject in binding.subjects)) if name)
    yield from (account.namespace for account in policy.service_accounts)
    yield from (line.namespace for line in policy.abac or () if line.namespace not in ("", "*"))


def fact_words(facts: Iterable[PermissionFact]) -> Iterator[str]:
    """Every name that facts mention."""
    for fact in facts:
        yield fact.text
        yield from (party.user or party.group for party in (*fact.parties, *fact.exempt))


def filled(pattern: str, token: str) -> Iterator[str]:
    """Names that a glob stands for, ``token`` in them where that is possible, in so many shapes that few exceptions hit all."""
    before, star, after = pattern.partition("*")
    after = after.replace("*", "")
    around = (f"{one}{token}{other}" for one in ("", *_LETTERS) for other in ("", *_LETTERS))
    repeated = (letter * count for count in range(1, 40) for letter in _LETTERS)
    for fill in itertools.chain(around, repeated) if star else ("",):
        shape = before + fill + after
        holes = [at for at, char in enumerate(before) if char == "?"] + [
            len(before + fill) + at for at, char in enumerate(after) if char == "?"
        ]
        letters = ((letter,) * len(holes) for letter in _LETTERS) if star else itertools.product(_LETTERS, repeat=len(holes))
        for chosen in letters:
            chars = list(shape)
            for at, letter in zip(holes, chosen, strict=True):
                chars[at] = letter
            yield "".join(chars)
            if not holes:
                break

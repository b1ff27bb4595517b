"""The permissions that nodes of a graph stand for: what one entry of a rule names; a star stays a star."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.authorizers.matching import ALL, rule_allows, rule_touches
from rbaclens.graph.model import Node
from rbaclens.model.pattern import Pattern
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule


class Permission(msgspec.Struct, frozen=True, gc=False):
    """One entry of a rule, whatever the scope; ``path`` is empty for a resource. Which verbs somebody has on it, an edge says."""

    api_group: str = ""
    resource: str = ""
    names: tuple[str, ...] = ()
    path: str = ""
    with_subresources: bool = False

    def rule(self, verbs: tuple[str, ...]) -> PolicyRule:
        """The same as a policy rule."""
        if self.path:
            return PolicyRule(verbs=verbs, non_resource_urls=(self.path,))
        return PolicyRule(verbs, (self.api_group,), (self.resource,), self.names)

    def allows(self, verbs: tuple[str, ...], scope: str, request: Request) -> bool:
        """Whether somebody who has ``verbs`` on it in ``scope`` may make the request."""
        if request.path is None:
            if self.path or scope not in (EVERYWHERE, request.namespace):
                return False
            if self.with_subresources:
                request = msgspec.structs.replace(request, subresource="")
        return rule_allows(self.rule(verbs), request)

    def touches(self, verbs: tuple[str, ...], pattern: Pattern) -> bool:
        """Whether it allows some request that ``pattern`` stands for, whatever the scope."""
        if self.with_subresources and pattern.is_resource:
            pattern = msgspec.structs.replace(pattern, subresource="")
        return rule_touches(self.rule(verbs), pattern)

    @property
    def what(self) -> str:
        """What people read, without the scope: ``pods/log``, ``deployments.apps named web``."""
        if self.path:
            return self.path
        if self.resource == ALL:
            group = {ALL: "", "": " of the core group"}.get(self.api_group, f".{self.api_group}")
        else:
            group = f"{'/**' if self.with_subresources else ''}{f'.{self.api_group}' if self.api_group else ''}"
        names = f" named {', '.join(self.names)}" if self.names else ""
        return f"{self.resource}{group}{names}"

    @property
    def key(self) -> str:
        """What tells it from every other permission in the same scope."""
        if self.path:
            return f"path:{self.path}"
        key = f"{self.api_group}:{self.resource}"
        if self.names or key.count(":") != 1 or "\\" in key or "[" in key or "," in key:
            names = f"[{','.join(map(escaped, self.names))}]" if self.names else ""
            key = f"{escaped(self.api_group)}:{escaped(self.resource)}{names}"
        return f"**:{key}" if self.with_subresources else key

    def node(self, node_id: str, scope: str, words: str) -> Node:
        """The node that stands for it, held in ``scope``, which ``words`` name."""
        if self.path:
            return Node(node_id, "permission", self.path, {"path": self.path, "scope": EVERYWHERE})
        attributes: dict[str, str | int | float | bool] = {"api_group": self.api_group, "resource": self.resource, "scope": scope}
        if self.names:
            attributes["names"] = ", ".join(self.names)
        if self.with_subresources:
            attributes["with_subresources"] = True
        return Node(node_id, "permission", f"{self.what} {words}", attributes)

    def id(self, scope: str) -> str:
        """The id of its node."""
        return self.key if self.path else f"may:{escaped(scope)}:{self.key}"


_SEPARATORS = frozenset("\\:,[]")


def escaped(text: str) -> str:
    """``text`` as part of an id: what separates parts is escaped."""
    return text if _SEPARATORS.isdisjoint(text) else "".join(f"\\{char}" if char in _SEPARATORS else char for char in text)


def where(scope: str) -> str:
    """A scope in words."""
    if scope == EVERYWHERE:
        return "everywhere"
    return f"in {scope}" if scope else "at the cluster scope"


def entries(rule: PolicyRule, with_subresources: bool = False) -> Iterator[Permission]:
    """The permissions that a held rule consists of; not the empty path and resource, which no HTTP request has."""
    if rule.non_resource_urls:
        for url in dict.fromkeys(rule.non_resource_urls):
            if url:
                yield Permission(path=url)
        return
    names = tuple(sorted(set(rule.resource_names))) if rule.resource_names else ()
    for group in (ALL,) if ALL in rule.api_groups else dict.fromkeys(rule.api_groups):
        for resource in (ALL,) if ALL in rule.resources else dict.fromkeys(rule.resources):
            if resource:
                # A star means subresources in any case.
                yield Permission(group, resource, names, "", with_subresources and resource != ALL)


def verbs_of(rule: PolicyRule) -> tuple[str, ...]:
    """The verbs of a rule, in order, each once; a star stands for all of them."""
    return in_order(rule.verbs)


def in_order(verbs: Iterable[str]) -> tuple[str, ...]:
    """Verbs as people list them, reading before writing, each once; a star stands for all of them."""
    found = set(verbs)
    return (ALL,) if ALL in found else tuple(sorted(found, key=lambda verb: (_USUAL.get(verb, len(_USUAL)), verb)))


_USUAL = {verb: place for place, verb in enumerate(("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"))}

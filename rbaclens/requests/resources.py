"""What a resource is called: every name that kubectl understands, and those that only authorization knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from rbaclens.errors import UnknownNameError, UsageError
from rbaclens.facts.resources import api_resources
from rbaclens.model.policy import PolicySet
from rbaclens.model.resources import ApiResource
from rbaclens.requests import verbs
from rbaclens.requests.mentions import Mentions
from rbaclens.requests.nearest import close_matches
from rbaclens.requests.virtual import AUTHENTICATION, FREE_NAMES, VIRTUAL, VIRTUAL_SUBRESOURCES


class Resolved(msgspec.Struct, frozen=True):
    """A resource as a request names it. ``namespaced`` is ``None`` where the scope is not known; ``known`` is false for
    a name that was only taken as written; ``how`` says by what the name was recognised."""

    group: str
    version: str
    resource: str
    subresource: str = ""
    namespaced: bool | None = None
    known: bool = True
    how: str = ""

    @property
    def combined(self) -> str:
        """Resource and subresource as RBAC rules name them."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    def __str__(self) -> str:
        name = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{name}/{self.subresource}" if self.subresource else name


class ResourceCatalogue:
    """All names of resources and verbs: the built-in ones, the policy's custom resources, and what its rules mention.

    Custom resources stand behind the built-in groups, as they do in a server's discovery. The policy's rules are read
    only when a name is met that neither facts nor custom resources know.
    """

    def __init__(self, policy: PolicySet | None = None, resources: Iterable[ApiResource] | None = None) -> None:
        policy = policy or PolicySet()
        builtin = {_key(r): r for r in (api_resources() if resources is None else resources)}
        custom = {_key(r): r for r in sorted(policy.resources, key=lambda r: r.group)}
        self._policy = policy
        self._resources = tuple((builtin | custom).values())
        self._rank: dict[str, int] = {}
        self._names: dict[str, list[ApiResource]] = {}
        self._short: dict[str, list[ApiResource]] = {}
        for item in self._resources:
            self._rank.setdefault(item.group, len(self._rank))
            for name in {item.resource, item.singular or item.kind.lower(), item.kind.lower()}:
                self._names.setdefault(name, []).append(item)
            for name in item.short_names:
                self._short.setdefault(name, []).append(item)

    @property
    def resources(self) -> tuple[ApiResource, ...]:
        """Everything that is served, in discovery order."""
        return self._resources

    @cached_property
    def mentions(self) -> Mentions:
        """What the policy's rules name."""
        return Mentions.of(self._policy)

    def resolve(self, text: str, *, group: str | None = None, force: bool = False) -> Resolved:
        """The resource that ``text`` names: plural, singular, kind, short name; ``.group``, ``.version.group``; ``/subresource``.

        ``group`` narrows a name without one (``""``: the core group). Raises UnknownNameError with the nearest names,
        unless ``force``, which takes an unknown name as written.
        """
        name, slash, subresource = text.partition("/")
        if not name.partition(".")[0] or (slash and not subresource):
            raise UsageError(f'"{text}" names no resource', "write a resource such as pods, deployments.apps or pods/log")
        found = self._parent(name, group)
        if found is None:
            if not force:
                raise self._unknown(name, group)
            found = _as_written(name, group)
        return self.with_subresource(found, subresource, force=force) if subresource else found

    def resolve_target(self, text: str, *, subresource: str = "", force: bool = False) -> tuple[Resolved, str]:
        """Resource and object name of ``TYPE``, ``TYPE/SUBRESOURCE`` or ``TYPE/NAME``.

        What stands behind the slash is a subresource where one is known by that name, and else the object's name.
        """
        head, _, rest = text.partition("/")
        if not rest:
            found = self.resolve(text, force=force)
            return (self.with_subresource(found, subresource, force=force) if subresource else found), ""
        parent = self.resolve(head, force=force)
        if rest == subresource or (not subresource and self.has_subresource(parent, rest)):
            return self.with_subresource(parent, rest, force=force), ""
        if "/" in rest and parent.resource not in FREE_NAMES:
            name, _, last = rest.partition("/")
            raise UsageError(f'"{text}" is neither TYPE/NAME nor TYPE/SUBRESOURCE', f"write {head}/{last} {name}")
        return (self.with_subresource(parent, subresource, force=force) if subresource else parent), rest

    def with_subresource(self, parent: Resolved, subresource: str, *, force: bool = False) -> Resolved:
        """``parent`` with a subresource that is known for it (any, with ``force``)."""
        known = self.has_subresource(parent, subresource)
        if not known and not force:
            names = self.subresources(parent)
            nearest = tuple(close_matches(subresource.lower(), names, n=3)) or names[:5]
            hint = f"{parent} has {', '.join(nearest)}. " if nearest else f"{parent} has no subresource that is known. "
            full = tuple(f"{parent.resource}/{name}" for name in nearest)
            raise UnknownNameError(f'unknown subresource "{subresource}" of {parent}', hint + "--force takes it as written", full)
        return msgspec.structs.replace(parent, subresource=subresource, known=parent.known and known)

    def subresources(self, parent: Resolved) -> tuple[str, ...]:
        """The subresources known for a resource, sorted."""
        return tuple(sorted(self._own_subresources(parent) | self.mentions.subresources(parent.group, parent.resource)))

    def has_subresource(self, parent: Resolved, subresource: str) -> bool:
        """Whether ``subresource`` is known for a resource; the wildcard and ``userextras`` (any key) have every one."""
        if parent.resource == "*" or (parent.group, parent.resource) == (AUTHENTICATION, "userextras"):
            return True
        if subresource == "*" or subresource in self._own_subresources(parent):
            return True
        return subresource in self.mentions.subresources(parent.group, parent.resource)

    def served_verbs(self, resolved: Resolved) -> tuple[str, ...]:
        """The verbs that the server serves on a resource, in any version; empty where that is not known."""
        found: dict[str, None] = {}
        for item in self._names.get(resolved.resource, ()):
            if not _is(item, resolved):
                continue
            if not resolved.subresource:
                found.update(dict.fromkeys(item.verbs))
            for sub in item.subresources:
                if sub.name == resolved.subresource:
                    found.update(dict.fromkeys(sub.verbs))
        return tuple(found)

    def check_verb(self, verb: str, resolved: Resolved | None, *, force: bool = False) -> tuple[str, ...]:
        """Notes on ``verb``, asked on ``resolved`` (``None``: on a non-resource path).

        Raises UnknownNameError for a verb that neither Kubernetes nor a rule knows, unless ``force``.
        """
        if not verb:
            raise UsageError("the verb is empty", "write a verb such as get, list or create")
        try:
            if resolved is None:
                known = verb in verbs.PATH_VERBS
                return verbs.check_path_verb(verb, frozenset() if known else self.mentions.verbs)
            mentioned = frozenset() if verbs.is_known_verb(verb) else self.mentions.verbs
            return verbs.check_resource_verb(verb, resolved.combined, self.served_verbs(resolved), mentioned)
        except UnknownNameError:
            if force:
                return ()
            raise

    def category(self, name: str) -> tuple[Resolved, ...]:
        """The preferred resources of a category such as ``all``, in discovery order; empty when there is none."""
        found = [_resolved(r, "category") for r in self._resources if r.preferred and name in r.categories]
        return tuple({(r.group, r.resource): r for r in found}.values())

    def of_kind(self, api_version: str, kind: str) -> Resolved | None:
        """The resource of a manifest's apiVersion and kind, or ``None`` when nothing serves it."""
        group, _, version = api_version.rpartition("/")
        for item in self._names.get(kind.lower(), ()):
            if (item.group, item.version, item.kind) == (group, version, kind):
                return _resolved(item, "kind")
        return None

    def _parent(self, name: str, group: str | None) -> Resolved | None:
        for resource, version, written in _readings(name):
            wanted = group if written is None else written
            found = self._served(resource, version, wanted)
            if found is None and not version:
                found = self._wildcard(resource, wanted) or self._virtual(resource, wanted) or self._mentioned(resource, wanted)
            if found is not None:
                if group is not None and found.group != group:
                    raise UsageError(f'"{name}" is in the API group "{found.group}", not "{group}"', "give the API group once")
                return found
        return None

    def _own_subresources(self, parent: Resolved) -> set[str]:
        served = {s.name for r in self._names.get(parent.resource, ()) if _is(r, parent) for s in r.subresources}
        return served.union(VIRTUAL_SUBRESOURCES.get((parent.group, parent.resource), ()))

    def _wildcard(self, resource: str, group: str | None) -> Resolved | None:
        if resource != "*" and group != "*":
            return None
        how = "wildcard" if group is not None else "wildcard, in the core group as kubectl asks it"
        return Resolved(group or "", "*", resource, how=how)

    def _served(self, name: str, version: str, group: str | None) -> Resolved | None:
        for how, found in self._matches(name, group):
            # kubectl forgets the version where it replaces a short name: hpa.v1.autoscaling is asked in the preferred v2
            candidates = [r for r in found if not version or how == "short name" or r.version == version]
            if candidates:
                # kubectl's order: the group that discovery names first, and of its versions the preferred one
                best = min(candidates, key=lambda r: (self._rank[r.group], not r.preferred))
                return _resolved(best, how or _how(best, name))
        return None

    def _matches(self, name: str, group: str | None) -> Iterator[tuple[str, list[ApiResource]]]:
        lower = name.lower()
        exact = [r for r in self._names.get(name, ()) if r.group == (group or "") and name in (r.resource, r.singular)]
        yield "", exact
        short = self._short.get(name, [])
        yield "short name", [r for r in short if group is None or r.group == group]
        if group:
            # deployments.app and storageclass.storage: kubectl completes the beginning of a group
            yield "short name", [r for r in short if r.group.startswith(group)]
        named = self._names.get(lower, [])
        yield "", [r for r in named if group is None or r.group == group]
        if group:
            yield "", [r for r in named if r.group.startswith(group)]

    def _mentioned(self, name: str, group: str | None) -> Resolved | None:
        found = self.mentions.resolve(name, group)
        return Resolved(found[0], "*", name, how=found[1]) if found else None

    def _virtual(self, name: str, group: str | None) -> Resolved | None:
        for item in VIRTUAL:
            if item.resource == name.lower() and group in (None, item.group):
                return Resolved(item.group, item.version, item.resource, namespaced=item.namespaced, how=item.why)
        return None

    def _unknown(self, text: str, group: str | None) -> UnknownNameError:
        members = tuple(str(r) for r in self.category(text))
        if members:
            hint = f"ask for one of {', '.join(members)}, or for '*'"
            return UnknownNameError(f'"{text}" is a category, not a resource', hint, members)
        nearest = self._nearest(text.partition(".")[0])
        hint = f"did you mean {' or '.join(nearest)}? " if nearest else "no built-in or custom resource has it, and no rule. "
        where = f' in the API group "{group}"' if group else ""
        return UnknownNameError(f'unknown resource "{text}"{where}', hint + "--force takes it as written", nearest)

    def _nearest(self, name: str) -> tuple[str, ...]:
        """Resources of that very name in any group; failing that, those with a name like it."""
        lower = name.lower()
        same = (*self._names.get(lower, ()), *(v for v in VIRTUAL if v.resource == lower))
        if same:
            return tuple(dict.fromkeys(f"{r.resource}.{r.group}".rstrip(".") for r in same))
        lowered = {n.lower(): n for n in (*self._names, *self._short, *FREE_NAMES, *self.mentions.resources)}
        close = [lower] if lower in lowered else close_matches(lower, lowered, n=3, cutoff=0.7)
        found = (self._parent(lowered[c], None) for c in close)
        return tuple(dict.fromkeys(str(r) for r in found if r is not None))


def _key(item: ApiResource) -> tuple[str, str, str]:
    return (item.group, item.version, item.resource)


def _is(item: ApiResource, resolved: Resolved) -> bool:
    return item.group == resolved.group and item.resource == resolved.resource


def _resolved(item: ApiResource, how: str) -> Resolved:
    return Resolved(item.group, item.version, item.resource, namespaced=item.namespaced, how=how)


def _how(item: ApiResource, name: str) -> str:
    lower = name.lower()
    if lower == item.resource:
        return "plural"
    return "singular" if name == item.singular else "kind"


def _readings(text: str) -> Iterator[tuple[str, str, str | None]]:
    """Resource, version and group as kubectl reads ``a.b.c``: version and group first, then a group with dots."""
    parts = text.split(".", 2)
    if len(parts) == 3 and parts[0]:
        yield parts[0], parts[1], parts[2]
    resource, dot, group = text.partition(".")
    if dot and resource:
        yield resource, "", group or None
    yield text, "", None


def _as_written(text: str, group: str | None) -> Resolved:
    resource, dot, written = text.partition(".")
    if group is not None or not dot:
        return Resolved(group or "", "*", text, known=False, how="taken as written")
    return Resolved(written, "*", resource, known=False, how="taken as written")

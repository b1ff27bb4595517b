"""Everything of a cluster that answers hang on: listed in pages, several kinds at once, and what may not be listed named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec

from rbaclens.collector import paused_collector
from rbaclens.errors import ClusterError
from rbaclens.live.ask import Asker
from rbaclens.live.discovery import Discovery, discover, server_version
from rbaclens.live.interface import Connection
from rbaclens.live.listed import FIXED, OPTIONAL, Listed
from rbaclens.live.paging import LIMIT, Lister, Listing
from rbaclens.live.replies import RefusedError
from rbaclens.live.retry import Retrying
from rbaclens.model.location import Origin
from rbaclens.model.objects import RBAC_GROUP
from rbaclens.model.policy import Notice, PolicySet
from rbaclens.model.resources import ApiResource
from rbaclens.sources import wire
from rbaclens.sources.assembling import assemble
from rbaclens.sources.builders import Objects
from rbaclens.sources.kinds import KINDS

Progress = Callable[[str, int], None]
OWN_RULES = "rbaclens:self-subject-rules-review"
_THREADS = 4


class Collected(msgspec.Struct):
    """What a cluster gave. ``objects`` are written objects by apiVersion and kind; ``versions`` the resourceVersion of each
    list of a whole cluster, by resource.

    ``gaps`` name what is missing so that a no is not certain, ``notices`` what is missing and matters less. ``built`` is what
    the objects became, where that was wanted.
    """

    objects: dict[tuple[str, str], list[Any]] = {}
    versions: dict[str, str] = {}
    resources: tuple[ApiResource, ...] = ()
    server_version: str = ""
    gaps: list[str] = []
    notices: list[str] = []
    built: Objects | None = None


def collect(
    connection: Connection,
    *,
    namespaces: Sequence[str] = (),
    own_namespace: str = "default",
    node_graph: bool = True,
    limit: int = LIMIT,
    progress: Progress = lambda *_: None,
    name: str | None = None,
) -> Collected:
    """Everything that may be read.

    Where roles and bindings may not be listed everywhere, they are in ``namespaces``, or else in ``own_namespace`` and all that
    may be listed. Without ``node_graph``, pods and volumes are left out, on which answers about nodes hang. ``progress`` is told
    of each page the resource and the number of objects, from several threads. With ``name``, which ``to_policy`` will be given,
    the policy's objects are built while the server is waited for. Raises ``ClusterError``.
    """
    with paused_collector(), ThreadPoolExecutor(_THREADS) as pool:
        collector = _Collector(Retrying(connection), pool, limit, progress, name)
        try:
            collector.collect_everywhere(node_graph)
            names = tuple(namespaces) or tuple(dict.fromkeys((own_namespace, *collector.namespaces())))
            collector.collect_in(names)
            if collector.found.gaps:
                collector.ask_for_own_rules(tuple(namespaces) or (own_namespace,))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return collector.found


def to_policy(found: Collected, name: str) -> PolicySet:
    """The policy that was collected; its objects' origin is the file ``name``, such as ``cluster:prod``."""
    with paused_collector():
        objects = found.built
        if objects is None:
            objects = Objects()
            for (api_version, kind), written in found.objects.items():
                _build(api_version, kind, written, Origin(name), objects)
        objects.stored.add(name)
        objects.resources += found.resources
        objects.gaps += found.gaps
        objects.notices += (Notice(text) for text in found.notices)
        return assemble(objects)


def _build(api_version: str, kind: str, written: Iterable[Any], origin: Origin, objects: Objects) -> None:
    group, _, version = api_version.rpartition("/")
    build = KINDS[group, kind].builder(version)
    assert build is not None, api_version  # noqa: S101 - both tables are ours
    for one in written:
        build(one, origin, objects)


class _List:
    """One list under way: its pages are built as they come."""

    def __init__(self, kind: Listed, origin: Origin | None, progress: Progress) -> None:
        self.kind = kind
        self.origin = origin
        self.progress = progress
        self.built = Objects()
        self.items: list[Any] = []
        self.version = ""

    def on_page(self, items: Sequence[Any]) -> None:
        """Take a page."""
        if self.origin is not None:
            _build(self.kind.api_version, self.kind.kind, items, self.origin, self.built)
        self.progress(self.kind.resource, len(items))

    def on_restart(self) -> None:
        """Forget every page."""
        self.built = Objects()

    def run(self, connection: Connection, namespace: str, limit: int) -> _List:
        """List it all. Raises ``ClusterError``."""
        listing: Listing[Any] = Lister(self.kind.form).list(
            connection,
            self.kind.path(namespace),
            what=f"listing {self.kind.resource}",
            limit=limit,
            on_page=self.on_page,
            on_restart=self.on_restart,
        )
        self.items, self.version = listing.items, listing.resource_version
        return self


class _Collector:
    def __init__(self, connection: Connection, pool: ThreadPoolExecutor, limit: int, progress: Progress, name: str | None) -> None:
        self.connection = connection
        self.pool = pool
        self.limit = limit
        self.progress = progress
        self.origin = None if name is None else Origin(name)
        self.found = Collected(built=None if name is None else Objects())
        self.refused: dict[str, tuple[Listed, RefusedError]] = {}

    def collect_everywhere(self, node_graph: bool) -> None:
        """List every kind over the whole cluster, and note those that may not be."""
        wanted = [kind for kind in FIXED if node_graph or not kind.graph]
        version = self.pool.submit(server_version, self.connection)
        discovery = self.pool.submit(discover, self.connection)
        lists = [(kind, self.pool.submit(self._list, kind)) for kind in wanted]
        self._take_discovery(discovery)
        if node_graph:
            lists += [(kind, self.pool.submit(self._list, kind)) for kind in self._served(OPTIONAL)]
        for kind, future in lists:
            try:
                self._take(kind, future, everywhere=True)
            except RefusedError as error:
                self._refuse(kind, error)
        self.found.server_version = version.result()

    def collect_in(self, namespaces: Sequence[str]) -> None:
        """List the refused namespaced kinds in each namespace; what is still missing becomes gaps and notices."""
        retried = [kind for kind, error in self.refused.values() if kind.namespaced and error.reply.status == 403 and not kind.graph]
        lists = [(kind, namespace, self.pool.submit(self._list, kind, namespace)) for kind in retried for namespace in namespaces]
        allowed: dict[str, list[str]] = {}
        for kind, namespace, future in lists:
            try:
                self._take(kind, future)
            except RefusedError as error:
                if error.reply.status == 401:
                    raise
            else:
                allowed.setdefault(kind.resource, []).append(namespace)
        graph = [kind.resource for kind, _ in self.refused.values() if kind.graph]
        if graph:
            self.found.notices.append(f"{_and(graph)} may not be listed: answers about nodes may be too low")
        for kind, refusal in self.refused.values():
            if not kind.graph:
                self._miss(kind, refusal, allowed.get(kind.resource, []))

    def _miss(self, kind: Listed, error: RefusedError, allowed: Sequence[str]) -> None:
        how = "may not be listed" if error.reply.status == 403 else f"could not be listed (HTTP {error.reply.status})"
        if allowed:
            how = f"may be listed in {_and(allowed)} only"
        if kind.policy:
            self.found.gaps.append(f"{kind.resource} {how}: every no is unknown")
        else:
            self.found.notices.append(f"{kind.resource} {how}")

    def namespaces(self) -> list[str]:
        """The names of the namespaces that were listed, if any had to be looked at one by one."""
        if not any(kind.namespaced for kind, _ in self.refused.values()):
            return []
        return [one.metadata.name for one in self.found.objects.get(("v1", "Namespace"), ())]

    def ask_for_own_rules(self, namespaces: Sequence[str]) -> None:
        """Add what the server says of oneself as roles that are bound to oneself: certain where everything else is not."""
        try:
            asker = Asker(self.connection)
            who = asker.who_am_i()
            lists = asker.rule_lists([(who.user, who.groups, namespace) for namespace in namespaces], own=True)
        except ClusterError as error:
            self.found.notices.append(f"the server does not say what you may do: {error.message}")
            return
        for namespace, answer in zip(namespaces, lists, strict=True):
            if answer.problem:
                self.found.notices.append(f"the server does not say what you may do in {namespace}: {answer.problem}")
            resource_rules = tuple(rule for rule in answer.rules if not rule.non_resource_urls)
            other_rules = tuple(rule for rule in answer.rules if rule.non_resource_urls)
            self._add_own(wire.Role, wire.RoleBinding, namespace, resource_rules, who.user)
            self._add_own(wire.ClusterRole, wire.ClusterRoleBinding, None, other_rules, who.user)

    def _add_own(self, role: Any, binding: Any, namespace: str | None, rules: tuple[Any, ...], user: str) -> None:
        api_version = f"{RBAC_GROUP}/v1"
        meta = wire.Metadata(OWN_RULES, namespace)
        if not rules or any(one.metadata == meta for one in self.found.objects.get((api_version, role.__name__), ())):
            return
        self._keep(api_version, role.__name__, [role(metadata=meta, rules=rules)])
        subjects = (wire.Subject("User", user, api_group=RBAC_GROUP),)
        bound = binding(metadata=meta, subjects=subjects, role_ref=wire.RoleRef(role.__name__, OWN_RULES, RBAC_GROUP))
        self._keep(api_version, binding.__name__, [bound])

    def _keep(self, api_version: str, kind: str, written: list[Any]) -> None:
        self.found.objects.setdefault((api_version, kind), []).extend(written)
        if self.found.built is not None and self.origin is not None:
            _build(api_version, kind, written, self.origin, self.found.built)

    def _list(self, kind: Listed, namespace: str = "") -> _List:
        return _List(kind, self.origin, self.progress).run(self.connection, namespace, self.limit)

    def _take(self, kind: Listed, future: Future[_List], *, everywhere: bool = False) -> None:
        done = future.result()
        self.found.objects.setdefault((kind.api_version, kind.kind), []).extend(done.items)
        if self.found.built is not None:
            self.found.built.extend(done.built)
        if everywhere:
            self.found.versions[kind.resource] = done.version

    def _refuse(self, kind: Listed, error: RefusedError) -> None:
        status = error.reply.status
        if status == 401 or (status != 403 and status < 404):
            raise error
        if status == 404 and not kind.policy:
            return  # this server does not serve it: there is none of it
        self.refused[kind.resource] = (kind, error)

    def _take_discovery(self, future: Future[Discovery]) -> None:
        try:
            found = future.result()
        except RefusedError as error:
            if error.reply.status != 403:
                raise
            self.found.notices.append("the server's API resources may not be discovered: custom resources are not known")
        else:
            self.found.resources = found.resources
            self.found.notices += found.problems

    def _served(self, kinds: Iterable[Listed]) -> list[Listed]:
        found = []
        for kind in kinds:
            versions = [one for one in self.found.resources if (one.group, one.resource) == (kind.group, kind.resource)]
            if versions:
                preferred = next((one for one in versions if one.preferred), versions[0])
                found.append(msgspec.structs.replace(kind, version=preferred.version))
        return found


def _and(names: Sequence[str]) -> str:
    if len(names) > 6:
        names = (*names[:5], f"{len(names) - 5} more")
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]

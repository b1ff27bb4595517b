"""Which node needs which object: edges lead from what is needed towards the node (NODE-05 to NODE-14).

::

    secret, configmap, serviceaccount, resourceclaim ─▶ pod ─▶ node
    secret ─▶ persistentvolume ─▶ persistentvolumeclaim ─▶ pod
    volumeattachment, resourceslice ─▶ node

Kinds only ever lead to kinds nearer to the node, so there is no cycle. The index of NODE-15 is not needed: every vertex
that is asked about remembers the way to each node that it reaches.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rbaclens.model.volumes import NameRef, PersistentVolume, PersistentVolumeSpec, SecretRef, Volume
from rbaclens.model.workloads import Container, NodeGraphObjects, Pod


class Vertex(NamedTuple):
    """An object of the graph; ``namespace`` is empty for cluster-scoped kinds (NODE-05)."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


# node name: (number of edges to it, the next vertex on the way)
Routes = dict[str, tuple[int, Vertex]]


class NodeGraph:
    """The graph of a cluster's objects, as the API server would have built it (NODE-09).

    A cluster at rest is meant: what the server has not noticed yet (NODE-11) is not modelled.
    """

    def __init__(self, objects: NodeGraphObjects) -> None:
        self._next: dict[Vertex, list[Vertex]] = {}
        self._routes: dict[Vertex, Routes] = {}
        for pod in objects.pods:
            self._add_pod(pod.obj)
        for volume in objects.persistent_volumes:
            self._add_volume(volume.obj)
        for attachment in objects.volume_attachments:
            self._add_named_node("volumeattachment", attachment.obj.metadata.name, attachment.obj.spec.node_name)
        for resource_slice in objects.resource_slices:
            self._add_named_node("resourceslice", resource_slice.obj.metadata.name, resource_slice.obj.spec.node_name)

    def path(self, kind: str, namespace: str, name: str, node: str) -> tuple[str, ...]:
        """The vertices of a shortest way from an object to ``node``, both ends included; empty when there is none (NODE-06)."""
        vertex = Vertex(kind, namespace, name)
        if node not in self._routes_from(vertex):
            return ()
        steps = [str(vertex)]
        while vertex.kind != "node":
            vertex = self._routes_from(vertex)[node][1]
            steps.append(str(vertex))
        return tuple(steps)

    def nodes_reaching(self, kind: str, namespace: str, name: str) -> frozenset[str]:
        """The names of all nodes that pass the graph check for an object; empty for one that nothing refers to (NODE-07)."""
        return frozenset(self._routes_from(Vertex(kind, namespace, name)))

    def objects(self, kind: str) -> Iterator[tuple[str, str]]:
        """Namespace and name of every object of a kind that something refers to."""
        return ((vertex.namespace, vertex.name) for vertex in self._next if vertex.kind == kind)

    def nodes(self) -> frozenset[str]:
        """The names of all nodes that something names (NODE-07)."""
        return frozenset(vertex.name for following in self._next.values() for vertex in following if vertex.kind == "node")

    def _routes_from(self, vertex: Vertex) -> Routes:
        known = self._routes.get(vertex)
        if known is not None:
            return known
        routes: Routes = {}
        for following in self._next.get(vertex, ()):
            if following.kind == "node":
                routes[following.name] = (1, following)
                continue
            for node, (far, _) in self._routes_from(following).items():
                if node not in routes or far + 1 < routes[node][0]:
                    routes[node] = (far + 1, following)
        if vertex in self._next:  # what is asked for and does not exist must not fill the memory
            self._routes[vertex] = routes
        return routes

    def _add(self, needed: Vertex, by: Vertex) -> None:
        self._next.setdefault(needed, []).append(by)

    def _add_named_node(self, kind: str, name: str, node: str) -> None:
        if node:
            self._add(Vertex(kind, "", name), Vertex("node", "", node))

    def _add_pod(self, pod: Pod) -> None:
        namespace, node = pod.metadata.namespace, pod.spec.node_name
        if not node:
            return
        vertex = Vertex("pod", namespace, pod.metadata.name)
        self._add(vertex, Vertex("node", "", node))
        if pod.is_mirror:  # NODE-10: what a node wrote itself opens nothing
            return
        for kind, name in dict.fromkeys(_pod_needs(pod)):
            if name:
                self._add(Vertex(kind, namespace, name), vertex)

    def _add_volume(self, volume: PersistentVolume) -> None:
        claim = volume.spec.claim_ref
        if claim is None:
            return
        vertex = Vertex("persistentvolume", "", volume.metadata.name)
        self._add(vertex, Vertex("persistentvolumeclaim", claim.namespace, claim.name))
        for namespace, name in dict.fromkeys(_volume_secrets(volume.spec, claim.namespace)):
            if name:
                self._add(Vertex("secret", namespace, name), vertex)


def _pod_needs(pod: Pod) -> Iterator[tuple[str, str]]:
    """Kind and name of everything in its namespace that a pod refers to; names may be empty."""
    yield "serviceaccount", pod.spec.service_account_name
    for reference in pod.spec.image_pull_secrets:
        yield "secret", reference.name
    for container in pod.spec.all_containers:
        yield from _container_needs(container)
    for volume in pod.spec.volumes:
        yield from _pod_volume_needs(pod, volume)
    for name in _pod_resource_claims(pod):
        yield "resourceclaim", name


def _container_needs(container: Container) -> Iterator[tuple[str, str]]:
    for source in container.env_from:
        yield from _named("secret", source.secret_ref)
        yield from _named("configmap", source.config_map_ref)
    for variable in container.env:
        if variable.value_from is not None:
            yield from _named("secret", variable.value_from.secret_key_ref)
            yield from _named("configmap", variable.value_from.config_map_key_ref)


def _pod_volume_needs(pod: Pod, volume: Volume) -> Iterator[tuple[str, str]]:
    for written_out in (volume.secret, volume.azure_file):
        if written_out is not None:
            yield "secret", written_out.secret_name
    for source in _sources_with_secret(volume):
        yield from _named("secret", source.secret_ref)
    if volume.csi is not None:
        yield from _named("secret", volume.csi.node_publish_secret_ref)
    yield from _named("configmap", volume.config_map)
    if volume.projected is not None:
        for projected in volume.projected.sources:
            yield from _named("secret", projected.secret)
            yield from _named("configmap", projected.config_map)
    if volume.persistent_volume_claim is not None:
        yield "persistentvolumeclaim", volume.persistent_volume_claim.claim_name
    elif volume.ephemeral is not None:
        yield "persistentvolumeclaim", f"{pod.metadata.name}-{volume.name}"


def _pod_resource_claims(pod: Pod) -> Iterator[str]:
    made = pod.status.resource_claim_statuses
    for claim in pod.spec.resource_claims:
        if claim.resource_claim_name is not None:
            yield claim.resource_claim_name
        elif claim.resource_claim_template_name is not None:
            yield next((status.resource_claim_name or "" for status in made if status.name == claim.name), "")
    if pod.status.extended_resource_claim_status is not None:
        yield pod.status.extended_resource_claim_status.resource_claim_name


def _volume_secrets(spec: PersistentVolumeSpec, claim_namespace: str) -> Iterator[tuple[str, str]]:
    """Namespace and name of the secrets that the kubelet needs for a bound volume; names may be empty."""
    if spec.azure_file is not None:
        yield spec.azure_file.secret_namespace or claim_namespace, spec.azure_file.secret_name
    for source in (spec.cephfs, spec.flex_volume, spec.rbd, spec.scale_io, spec.iscsi):
        if source is not None and source.secret_ref is not None:
            yield source.secret_ref.namespace or claim_namespace, source.secret_ref.name
    for source in (spec.cinder, spec.storageos):
        if source is not None and source.secret_ref is not None:
            yield source.secret_ref.namespace, source.secret_ref.name
    if spec.csi is not None:
        for reference in (spec.csi.node_publish_secret_ref, spec.csi.node_stage_secret_ref, spec.csi.node_expand_secret_ref):
            if reference is not None:
                yield reference.namespace, reference.name


def _sources_with_secret(volume: Volume) -> Iterator[SecretRef]:
    candidates = (volume.cephfs, volume.cinder, volume.flex_volume, volume.rbd, volume.scale_io, volume.iscsi, volume.storageos)
    return (source for source in candidates if source is not None)


def _named(kind: str, reference: NameRef | None) -> Iterator[tuple[str, str]]:
    if reference is not None:
        yield kind, reference.name

"""From written objects to the model: defaulting, placing, validation (RBAC-04, RBAC-05, section 9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from rbaclens.model.location import Origin
from rbaclens.model.metadata_validation import metadata_is_valid
from rbaclens.model.objects import Binding, Labels, PlainObject, Role, Subject
from rbaclens.model.policy import Notice
from rbaclens.model.validation import FieldError, validate_binding, validate_role
from rbaclens.model.workloads import Placed
from rbaclens.sources import wire
from rbaclens.sources.definitions import CustomResourceDefinition, Definition, read_definition
from rbaclens.sources.pieces import AllPieces, Pieces

DEFAULT_NAMESPACE = "default"
_NO_METADATA = wire.Metadata()
_NO_TEXTS: Labels = {}


class Objects:
    """What was read so far, in order, by what becomes of it: what the API server would store, and notices for the rest.

    ``graph`` holds ``Placed`` objects of the node graph. ``pieces`` are shared between everything that is read together.
    """

    def __init__(self, pieces: AllPieces | None = None) -> None:
        self.roles: list[Role] = []
        self.bindings: list[Binding] = []
        self.plain: list[PlainObject] = []
        self.graph: list[Placed[Any]] = []
        self.definitions: list[Definition] = []
        self.notices: list[Notice] = []
        self.pieces = pieces or AllPieces()

    def extend(self, other: Objects) -> None:
        """Add everything of ``other`` behind what is here."""
        self.roles += other.roles
        self.bindings += other.bindings
        self.plain += other.plain
        self.graph += other.graph
        self.definitions += other.definitions
        self.notices += other.notices

    def accept(self, one: Role | Binding) -> None:
        """Add an object that has to be validated first."""
        errors = validate_role(one) if isinstance(one, Role) else validate_binding(one)
        if errors:
            self.notices.append(_refusal(one, errors))
        elif isinstance(one, Role):
            self.roles.append(one)
        else:
            self.bindings.append(one)


Builder = Callable[[Any, Origin, Objects], None]


def build_role(written: wire.Role, origin: Origin, out: Objects) -> None:
    """A Role; without a namespace kubectl puts it into ``default``."""
    meta = written.metadata or _NO_METADATA
    name = meta.name or ""
    namespace = meta.namespace or _default_namespace("Role", meta, origin, out)
    labels = _texts(meta.labels) if meta.labels else _NO_TEXTS
    annotations = _texts(meta.annotations) if meta.annotations else _NO_TEXTS
    pieces = out.pieces.rules
    unsure = pieces.unsure
    role = Role("Role", namespace, name, pieces.all("rules", written.rules), origin, labels, annotations)
    if unsure == pieces.unsure and metadata_is_valid(True, namespace, name, labels, annotations):
        out.roles.append(role)
    else:
        out.accept(role)


def build_cluster_role(written: wire.ClusterRole, origin: Origin, out: Objects) -> None:
    """A ClusterRole; a namespace is kept for validation to find."""
    meta = written.metadata or _NO_METADATA
    labels, annotations = _texts(meta.labels), _texts(meta.annotations)
    rules = out.pieces.rules.all("rules", written.rules)
    out.accept(
        Role("ClusterRole", meta.namespace or "", meta.name or "", rules, origin, labels, annotations, written.aggregation_rule)
    )


def build_role_binding(written: wire.RoleBinding, origin: Origin, out: Objects) -> None:
    """A RoleBinding; without a namespace kubectl puts it into ``default``."""
    _build_role_binding(written, origin, out, out.pieces.subjects)


def build_alpha_role_binding(written: wire.RoleBinding, origin: Origin, out: Objects) -> None:
    """A RoleBinding of v1alpha1."""
    _build_role_binding(written, origin, out, out.pieces.alpha_subjects)


def _build_role_binding(written: wire.RoleBinding, origin: Origin, out: Objects, subjects: Pieces[Subject]) -> None:
    meta = written.metadata or _NO_METADATA
    name = meta.name or ""
    namespace = meta.namespace or _default_namespace("RoleBinding", meta, origin, out)
    labels = _texts(meta.labels) if meta.labels else _NO_TEXTS
    annotations = _texts(meta.annotations) if meta.annotations else _NO_TEXTS
    refs = out.pieces.refs
    unsure = subjects.unsure + refs.unsure
    ref = refs.one(("roleRef",), written.role_ref)
    binding = Binding("RoleBinding", namespace, name, subjects.all("subjects", written.subjects), ref, origin, labels, annotations)
    if unsure == subjects.unsure + refs.unsure and metadata_is_valid(True, namespace, name, labels, annotations):
        out.bindings.append(binding)
    else:
        out.accept(binding)


def build_cluster_role_binding(written: wire.ClusterRoleBinding, origin: Origin, out: Objects) -> None:
    """A ClusterRoleBinding; a namespace is kept for validation to find."""
    _build_cluster_role_binding(written, origin, out, out.pieces.subjects)


def build_alpha_cluster_role_binding(written: wire.ClusterRoleBinding, origin: Origin, out: Objects) -> None:
    """A ClusterRoleBinding of v1alpha1."""
    _build_cluster_role_binding(written, origin, out, out.pieces.alpha_subjects)


def _build_cluster_role_binding(written: wire.ClusterRoleBinding, origin: Origin, out: Objects, subjects: Pieces[Subject]) -> None:
    meta = written.metadata or _NO_METADATA
    labels, annotations = _texts(meta.labels), _texts(meta.annotations)
    ref = out.pieces.refs.one(("roleRef",), written.role_ref)
    found = subjects.all("subjects", written.subjects)
    out.accept(Binding("ClusterRoleBinding", meta.namespace or "", meta.name or "", found, ref, origin, labels, annotations))


def plain(kind: str, namespaced: bool) -> Builder:
    """The builder of an object of which only the existence matters."""

    def build(written: wire.ServiceAccount, origin: Origin, out: Objects) -> None:
        meta = written.metadata or _NO_METADATA
        if not meta.name:
            out.notices.append(_nameless(kind, origin))
            return
        namespace = (meta.namespace or _default_namespace(kind, meta, origin, out)) if namespaced else ""
        out.plain.append(PlainObject(kind, namespace, meta.name, origin, _texts(meta.labels), _texts(meta.annotations)))

    return build


def workload(kind: str, namespaced: bool) -> Builder:
    """The builder of an object of the node graph; a pod that was not placed anywhere is in ``default``."""

    def build(written: Any, origin: Origin, out: Objects) -> None:
        meta = written.metadata
        if not meta.name:
            out.notices.append(_nameless(kind, origin))
            return
        namespace = (meta.namespace or DEFAULT_NAMESPACE) if namespaced else ""
        if namespace != meta.namespace:
            written = msgspec.structs.replace(written, metadata=msgspec.structs.replace(meta, namespace=namespace))
        out.graph.append(Placed(written, origin))

    return build


def build_definition(written: CustomResourceDefinition, origin: Origin, out: Objects) -> None:
    """The resources of a CustomResourceDefinition."""
    out.definitions.append(read_definition(written, origin))


def title(one: Role | Binding | PlainObject) -> str:
    """How messages name an object."""
    name = one.name or "without a name"
    return f"{one.kind} {one.namespace}/{name}" if one.namespace else f"{one.kind} {name}"


def _texts(texts: wire.Texts | None) -> Labels:
    """Labels or annotations; Go reads a null as the empty text."""
    return {key: text or "" for key, text in texts.items()} if texts else _NO_TEXTS


def _default_namespace(kind: str, meta: wire.Metadata, origin: Origin, out: Objects) -> str:
    out.notices.append(Notice(f"{kind} {meta.name or ''} has no namespace: taken to be in {DEFAULT_NAMESPACE}, as kubectl does", origin))
    return DEFAULT_NAMESPACE


def _nameless(kind: str, origin: Origin) -> Notice:
    return Notice(f"{kind} without metadata.name is left out", origin)


def _refusal(one: Role | Binding, errors: tuple[FieldError, ...]) -> Notice:
    words = "; ".join(str(error) for error in errors)
    return Notice(f"the API server would reject {title(one)}: {words}; it grants nothing", one.origin)

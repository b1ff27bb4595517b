"""From written objects to the model: defaulting, placing, validation (RBAC-04, RBAC-05, section 9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from rbaclens.model.controllers import TOKEN_SECRET, SecretObject
from rbaclens.model.identity import AUTHENTICATED
from rbaclens.model.location import Origin
from rbaclens.model.metadata_validation import is_path_segment, metadata_is_valid, subdomain_errors
from rbaclens.model.objects import RBAC_GROUP, Binding, BindingKind, Labels, PlainObject, Role, RoleRef, Subject
from rbaclens.model.policy import Notice
from rbaclens.model.resources import ApiResource
from rbaclens.model.validation import FieldError, validate_binding, validate_role
from rbaclens.model.workloads import Placed
from rbaclens.model.written import RefusedLine, RefusedObject
from rbaclens.sources import wire
from rbaclens.sources.definitions import CustomResourceDefinition, Definition, read_definition

DEFAULT_NAMESPACE = "default"
_TOKEN_ACCOUNT = "kubernetes.io/service-account.name"
_NAMED_KINDS: dict[str | None, str] = {"User": "User", "Group": "Group"}
_ROLE_KINDS: dict[str | None, str] = {"Role": "Role", "ClusterRole": "ClusterRole"}
_NO_METADATA = wire.Metadata()
_NO_REF = wire.RoleRef()
_NO_TEXTS: Labels = {}


class Objects:
    """What was read so far, in order, by what becomes of it: what the API server would store, and notices for the rest.

    ``refused`` are roles and bindings that it would not store; ``versions``, ``unplaced`` and ``misplaced`` say of some objects how
    they were written, and ``refused_lines`` of ABAC files what keeps them from being read (``model.written``).

    ``graph`` holds ``Placed`` objects of the node graph and controllers. ``stored`` names the files whose objects are as a server
    stores them, all of them (a snapshot); ``resources`` are what such a server serves, and ``gaps`` what could not be read of it.
    """

    def __init__(self) -> None:
        self.roles: list[Role] = []
        self.bindings: list[Binding] = []
        self.plain: list[PlainObject] = []
        self.graph: list[Placed[Any]] = []
        self.secrets: list[SecretObject] = []
        self.definitions: list[Definition] = []
        self.notices: list[Notice] = []
        self.refused: list[RefusedObject] = []
        self.refused_lines: list[RefusedLine] = []
        self.versions: dict[Origin, str] = {}
        self.unplaced: set[Origin] = set()
        self.misplaced: dict[Origin, str] = {}
        self.stored: set[str] = set()
        self.resources: list[ApiResource] = []
        self.gaps: list[str] = []

    def extend(self, other: Objects) -> None:
        """Add everything of ``other`` behind what is here."""
        self.roles += other.roles
        self.bindings += other.bindings
        self.plain += other.plain
        self.graph += other.graph
        self.secrets += other.secrets
        self.definitions += other.definitions
        self.notices += other.notices
        self.refused += other.refused
        self.refused_lines += other.refused_lines
        self.versions |= other.versions
        self.unplaced |= other.unplaced
        self.misplaced |= other.misplaced
        self.stored |= other.stored
        self.resources += other.resources
        self.gaps += other.gaps

    def accept_role(self, role: Role) -> None:
        """Add a role, or a notice if the API server would not store it."""
        errors = validate_role(role)
        if errors:
            self._refuse(role, errors)
        else:
            self.roles.append(role)

    def accept_binding(self, binding: Binding) -> None:
        """Add a binding, or a notice if the API server would not store it."""
        errors = validate_binding(binding)
        if errors:
            self._refuse(binding, errors)
        else:
            self.bindings.append(binding)

    def _refuse(self, one: Role | Binding, faults: tuple[FieldError, ...]) -> None:
        self.refused.append(RefusedObject(one, faults))
        words = "; ".join(str(fault) for fault in faults)
        self.notices.append(Notice(f"the API server would reject {title(one)}: {words}; it grants nothing", one.origin))


Builder = Callable[[Any, Origin, Objects], None]


def build_role(written: wire.Role, origin: Origin, out: Objects) -> None:
    """A Role; without a namespace kubectl puts it into ``default``."""
    meta = written.metadata or _NO_METADATA
    out.accept_role(
        Role(
            "Role",
            meta.namespace or _default_namespace("Role", meta, origin, out),
            meta.name or "",
            written.rules or (),
            origin,
            _texts(meta.labels) if meta.labels else _NO_TEXTS,
            _texts(meta.annotations) if meta.annotations else _NO_TEXTS,
        )
    )


def build_cluster_role(written: wire.ClusterRole, origin: Origin, out: Objects) -> None:
    """A ClusterRole; the API server drops a namespace."""
    meta = written.metadata or _NO_METADATA
    labels, annotations = _texts(meta.labels), _texts(meta.annotations)
    namespace = _no_namespace("ClusterRole", meta, origin, out)
    rules = written.rules or ()
    out.accept_role(Role("ClusterRole", namespace, meta.name or "", rules, origin, labels, annotations, written.aggregation_rule))


def build_role_binding(written: wire.RoleBinding, origin: Origin, out: Objects) -> None:
    """A RoleBinding; without a namespace kubectl puts it into ``default``."""
    meta = written.metadata or _NO_METADATA
    _build_binding("RoleBinding", meta.namespace or _default_namespace("RoleBinding", meta, origin, out), written, origin, out)


def build_cluster_role_binding(written: wire.ClusterRoleBinding, origin: Origin, out: Objects) -> None:
    """A ClusterRoleBinding; the API server drops a namespace."""
    meta = written.metadata or _NO_METADATA
    _build_binding("ClusterRoleBinding", _no_namespace("ClusterRoleBinding", meta, origin, out), written, origin, out)


def _build_binding(
    kind: BindingKind, namespace: str, written: wire.RoleBinding | wire.ClusterRoleBinding, origin: Origin, out: Objects
) -> None:
    # Half of a large cluster's objects come through here: what is plainly valid while it is made need not be looked at again,
    # everything else is left to validation. Texts that every binding repeats are kept once.
    meta, ref = written.metadata or _NO_METADATA, written.role_ref or _NO_REF
    ref_kind, ref_name = _ROLE_KINDS.get(ref.kind, ref.kind) or "", ref.name or ""
    plain = ref_kind == "ClusterRole" or (ref_kind == "Role" and kind == "RoleBinding")
    ref_group = RBAC_GROUP
    if ref.api_group and ref.api_group != RBAC_GROUP:
        plain, ref_group = False, ref.api_group
    subjects = []
    for one in written.subjects or ():
        name = one.name or ""
        if one.kind == "ServiceAccount" and not one.api_group:
            # With a namespace it does not matter which kind of binding it stands in (VAL-17).
            if not one.namespace or subdomain_errors(name):
                plain = False
            subjects.append(Subject("ServiceAccount", name, one.namespace or ""))
        elif one.kind in _NAMED_KINDS and (not one.api_group or one.api_group == RBAC_GROUP):
            if not name:
                plain = False
            subjects.append(Subject(_NAMED_KINDS[one.kind], name, one.namespace or "", RBAC_GROUP))
        else:
            plain = False
            subjects.append(Subject(one.kind or "", name, one.namespace or "", one.api_group or ""))
    binding = Binding(
        kind,
        namespace,
        meta.name or "",
        tuple(subjects),
        RoleRef(ref_kind, ref_name, ref_group),
        origin,
        _texts(meta.labels) if meta.labels else _NO_TEXTS,
        _texts(meta.annotations) if meta.annotations else _NO_TEXTS,
    )
    if (
        plain
        and is_path_segment(ref_name)
        and metadata_is_valid(kind == "RoleBinding", namespace, binding.name, binding.labels, binding.annotations)
    ):
        out.bindings.append(binding)
    else:
        out.accept_binding(binding)


def older(version: str, build: Builder) -> Builder:
    """The same builder for objects of an API version before v1."""

    def noted(written: Any, origin: Origin, out: Objects) -> None:
        out.versions[origin] = version
        build(written, origin, out)

    return noted


def alpha(build: Builder) -> Builder:
    """The same builder for bindings of v1alpha1, whose subjects carry an apiVersion (RBAC-05)."""

    def converted(written: Any, origin: Origin, out: Objects) -> None:
        written.subjects = tuple(_from_alpha(subject) for subject in written.subjects or ())
        build(written, origin, out)

    return converted


def _from_alpha(subject: wire.Subject) -> wire.Subject:
    kind, name, version = subject.kind or "", subject.name, subject.api_version or ""
    group = RBAC_GROUP if kind in _NAMED_KINDS else ""
    if not group and kind != "ServiceAccount" and version.count("/") == 1:
        group = version.split("/")[0]
    if kind == "User" and name == "*":
        kind, name = "Group", AUTHENTICATED
    return wire.Subject(kind, name, subject.namespace, group)


def plain(kind: str, namespaced: bool) -> Builder:
    """The builder of an object of which only the existence matters."""

    def build(written: wire.ServiceAccount, origin: Origin, out: Objects) -> None:
        meta = written.metadata or _NO_METADATA
        if not meta.name:
            out.notices.append(_nameless(kind, origin))
            return
        namespace = (meta.namespace or _default_namespace(kind, meta, origin, out)) if namespaced else ""
        automount = secrets = None
        if kind == "ServiceAccount":
            automount, secrets = written.automount_service_account_token, written.secrets
        names = tuple(one.name for one in secrets if one.name) if secrets else ()
        out.plain.append(PlainObject(kind, namespace, meta.name, origin, _texts(meta.labels), _texts(meta.annotations), automount, names))

    return build


def build_secret(written: wire.Secret, origin: Origin, out: Objects) -> None:
    """That a secret is there; of its annotations only the one that names a service account."""
    meta = written.metadata or _NO_METADATA
    if not meta.name:
        out.notices.append(_nameless("Secret", origin))
        return
    account = _texts(meta.annotations).get(_TOKEN_ACCOUNT, "") if written.type == TOKEN_SECRET else ""
    out.secrets.append(SecretObject(meta.namespace or DEFAULT_NAMESPACE, meta.name, written.type or "Opaque", account))


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
    out.unplaced.add(origin)
    out.notices.append(Notice(f"{kind} {meta.name or ''} has no namespace: taken to be in {DEFAULT_NAMESPACE}, as kubectl does", origin))
    return DEFAULT_NAMESPACE


def _no_namespace(kind: str, meta: wire.Metadata, origin: Origin, out: Objects) -> str:
    # Validation forbids a namespace here, but the server has emptied it by then: such objects are created.
    if meta.namespace:
        out.misplaced[origin] = meta.namespace
        out.notices.append(Notice(f"{kind} {meta.name or ''} has a namespace, which the API server drops: it is not namespaced", origin))
    return ""


def _nameless(kind: str, origin: Origin) -> Notice:
    return Notice(f"{kind} without metadata.name is left out", origin)

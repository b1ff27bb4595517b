"""How the subjects of a binding, or the user and group of an ABAC line, miss the person who asks."""

from __future__ import annotations

from rbaclens.analysis.near_axes import OTHER, OTHER_GROUP, OTHER_USER, SLIP, Axis, star_axis
from rbaclens.analysis.near_text import alike, spans
from rbaclens.authorizers.rbac import subject_user
from rbaclens.model.identity import AUTHENTICATED, MASTERS, parse_service_account
from rbaclens.model.objects import Binding, Subject
from rbaclens.model.request import Request

_BOOTSTRAPPING = "kubernetes.io/bootstrapping"


def nearest_subject(binding: Binding, request: Request) -> tuple[Subject, Axis] | None:
    """The subject of ``binding`` that is nearest to the one who asks, and how it misses; ``None`` when none is to be told.

    The cluster's own bindings name its controllers, which are nobody's neighbours.
    """
    own = _BOOTSTRAPPING in binding.labels
    found = [
        (subject, axis)
        for subject in binding.subjects
        if (axis := _subject(subject, binding, request)) and not (own and axis.cost > SLIP and subject.name != AUTHENTICATED)
    ]
    return min(found, key=lambda pair: pair[1].cost) if found else None


def _subject(subject: Subject, binding: Binding, request: Request) -> Axis | None:
    if subject.kind == "Group":
        return group_axis(subject.name, request)
    if subject.kind == "User":
        return user_axis(subject.name, request)
    user = subject_user(subject, binding.namespace)
    account = parse_service_account(request.user)
    if user is None:
        return _nobody(subject, (request.user, account[1] if account else "", *request.groups))
    if subject.name == request.user:
        return Axis("subject", f"User {request.user}", (f"ServiceAccount {subject.name}",), {"user": user}, cost=SLIP)
    if account and account[1] == subject.name:
        return Axis("user", request.user, (user,), {"user": user}, cost=OTHER)
    return _other_user(user, request)


def _nobody(subject: Subject, names: tuple[str, ...]) -> Axis | None:
    """A subject that stands for nobody, where one of ``names`` may have been meant (RBAC-23, RBAC-24)."""
    if not subject.name or subject.name not in names:
        return None
    mistake = f'a subject of kind "{subject.kind}" stands for nobody'
    if subject.kind == "ServiceAccount":
        mistake = "a ServiceAccount without a namespace stands for nobody in a ClusterRoleBinding"
    return Axis("subject", subject.name, (f"{subject.kind} {subject.name}",), mistake=mistake, cost=SLIP)


def user_axis(name: str, request: Request) -> Axis | None:
    """How the user name ``name`` misses the one who asks."""
    if name in request.groups:
        return Axis("subject", f"Group {name}", (f"User {name}",), {"user": name}, cost=SLIP)
    account = parse_service_account(request.user)
    if account and name in (account[1], "/".join(account), ":".join(account)):
        return Axis("subject", f"ServiceAccount {'/'.join(account)}", (f"User {name}",), {"user": name}, cost=SLIP)
    if request.user and spans(name, request.user):
        return star_axis("user", request.user, (name,), name)
    return _other_user(name, request)


def _other_user(name: str, request: Request) -> Axis | None:
    if not request.user:
        return None
    return Axis("user", request.user, (name,), {"user": name}, cost=SLIP if alike(name, request.user) else OTHER_USER)


def group_axis(name: str, request: Request) -> Axis | None:
    """How the group ``name`` misses the one who asks. The group that may do everything is no neighbour of anybody."""
    if name == MASTERS:
        return None
    if name == request.user and name:
        return Axis("subject", f"User {name}", (f"Group {name}",), {"groups": name}, cost=SLIP)
    meant = next((group for group in request.groups if spans(name, group)), None)
    if meant is not None:
        return star_axis("group", meant, (name,), name)
    meant = next((group for group in request.groups if alike(name, group)), "")
    return Axis("group", meant, (name,), {"groups": name}, cost=SLIP if meant else OTHER_GROUP)

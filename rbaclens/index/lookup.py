"""Looking things up: who is bound to what, who holds a role, which references lead nowhere.

Everything here reads the whole policy once and decides nothing: who matches whom is asked of ``authorizers``.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

import msgspec

from rbaclens.authorizers.abac import subject_matches as abac_subject_matches
from rbaclens.authorizers.rbac import RoleKey, resolution_error, role_key, subject_matches, subject_user
from rbaclens.errors import UsageError
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.aggregation import selector_matcher
from rbaclens.model.identity import (
    AUTHENTICATED,
    MASTERS,
    NODES,
    SERVICE_ACCOUNTS,
    UNAUTHENTICATED,
    is_dns_label,
    parse_service_account,
    service_account_user,
)
from rbaclens.model.objects import Binding, PlainObject, Role, Subject
from rbaclens.model.policy import PolicySet

BOOTSTRAP_FILE = "bootstrap"
_BOOTSTRAP_LABEL = ("kubernetes.io/bootstrapping", "rbac-defaults")
_GLOB = re.compile(r"[*?\[]")
_GROUP_NAMES = (MASTERS, AUTHENTICATED, UNAUTHENTICATED, NODES, SERVICE_ACCOUNTS)
_ALWAYS_THERE = "default"
"""The service account that a controller makes in every namespace."""

Grant = Binding | AbacPolicy
"""What names a subject: a binding, or a line of an ABAC file."""
Principal = tuple[str, str]
"""Kind (User, Group, ServiceAccount) and name; a service account's name is ``namespace/name``."""


class SubjectEntry(msgspec.Struct, frozen=True):
    """A subject and everything that names it. ``account`` is the service account's object, where the policy has it."""

    kind: str
    name: str
    grants: tuple[Grant, ...]
    account: PlainObject | None = None


class RoleHolder(msgspec.Struct, frozen=True):
    """A subject that holds a role, and by which binding."""

    kind: str
    name: str
    binding: Binding


class RoleEntry(msgspec.Struct, frozen=True):
    """A role, who holds it, and the ClusterRoles that it is gathered from and into (RBAC-41)."""

    role: Role
    holders: tuple[RoleHolder, ...]
    gathered_from: tuple[str, ...] = ()
    gathered_into: tuple[str, ...] = ()

    @property
    def is_unused(self) -> bool:
        """Whether nobody holds the role and no other role gathers it."""
        return not self.holders and not self.gathered_into


class BindingEntry(msgspec.Struct, frozen=True):
    """A binding or ABAC line, the role that it grants (``None``: not there, or ABAC), and what of it leads nowhere."""

    grant: Grant
    role: Role | None = None
    dangling: tuple[str, ...] = ()


def principal(subject: Subject, binding_namespace: str) -> Principal | None:
    """Who a binding's subject is; ``None`` for one that stands for nobody (RBAC-24, RBAC-25)."""
    if subject.kind == "Group":
        return "Group", subject.name
    user = subject_user(subject, binding_namespace)
    return None if user is None else user_principal(user)


@lru_cache(1 << 16)
def user_principal(user: str) -> Principal:
    """A user name as a principal: a service account's is one, however it was written (ATTR-18, RBAC-22)."""
    account = parse_service_account(user)
    return ("ServiceAccount", "/".join(account)) if account else ("User", user)


def grant_principals(grant: Grant) -> Iterator[Principal]:
    """Whom a binding or ABAC line names, each once. An ABAC line with user and group names the user (ABAC-18)."""
    if isinstance(grant, Binding):
        found = (principal(subject, grant.namespace) for subject in grant.subjects)
        yield from dict.fromkeys(one for one in found if one is not None)
    elif grant.user:
        yield user_principal(grant.user)
    elif grant.group:
        yield "Group", grant.group


def find_subjects(policy: PolicySet, grants: Iterable[Grant] | None = None, *, namespace: str | None = None) -> tuple[SubjectEntry, ...]:
    """Every subject that ``grants`` (default: all of the policy's) name, and every service account, by kind and name.

    ``namespace`` leaves in what stands there: RoleBindings and ABAC lines of that namespace, and its service accounts.
    """
    found: dict[Principal, list[Grant]] = {}
    for grant in all_grants(policy) if grants is None else grants:
        if namespace is None or grant.namespace == namespace:
            for one in grant_principals(grant):
                found.setdefault(one, []).append(grant)
    accounts: dict[Principal, PlainObject] = {}
    for account in policy.service_accounts:
        if namespace is None or account.namespace == namespace:
            accounts["ServiceAccount", f"{account.namespace}/{account.name}"] = account
    everybody = sorted(found.keys() | accounts.keys())
    return tuple(SubjectEntry(kind, name, tuple(found.get((kind, name), ())), accounts.get((kind, name))) for kind, name in everybody)


def all_grants(policy: PolicySet) -> Iterator[Grant]:
    """ClusterRoleBindings, RoleBindings by namespace, then the ABAC lines in their order."""
    yield from sorted(policy.bindings, key=lambda one: (one.namespace, one.name))
    yield from policy.abac or ()


def grants_naming(policy: PolicySet, user: str, groups: tuple[str, ...]) -> Iterator[tuple[Grant, Principal]]:
    """Everything that names the user or one of the groups, and by which of them: a binding by its first subject that does."""
    for grant in all_grants(policy):
        if isinstance(grant, Binding):
            for subject in grant.subjects:
                if subject_matches(subject, grant.namespace, user, groups):
                    yield grant, principal(subject, grant.namespace) or (subject.kind, subject.name)
                    break
        elif abac_subject_matches(grant, user, groups):
            yield grant, next(grant_principals(grant))


def find_roles(policy: PolicySet) -> tuple[RoleEntry, ...]:
    """Every role with its holders: ClusterRoles, then Roles by namespace, each by name."""
    held: dict[RoleKey, list[Binding]] = {}
    for binding in sorted(policy.bindings, key=lambda one: (one.namespace, one.name)):
        key = role_key(binding)
        if key is not None:
            held.setdefault(key, []).append(binding)
    sources = _aggregation(policy.roles)
    targets: dict[str, list[str]] = {}
    for target, names in sources.items():
        for name in names:
            targets.setdefault(name, []).append(target)
    entries = []
    for role in sorted(policy.roles, key=lambda one: (one.namespace, one.name)):
        bindings = held.get((role.kind, role.namespace, role.name), ())
        holders = tuple(RoleHolder(kind, name, binding) for binding in bindings for kind, name in grant_principals(binding))
        if role.kind == "ClusterRole":
            entries.append(RoleEntry(role, holders, sources.get(role.name, ()), tuple(targets.get(role.name, ()))))
        else:
            entries.append(RoleEntry(role, holders))
    return tuple(entries)


def _aggregation(roles: Iterable[Role]) -> dict[str, tuple[str, ...]]:
    """For each aggregated ClusterRole the others that its selectors choose (RBAC-41 to RBAC-43), by name."""
    cluster_roles = sorted((role for role in roles if role.kind == "ClusterRole"), key=lambda role: role.name)
    found: dict[str, tuple[str, ...]] = {}
    for role in cluster_roles:
        matchers = [selector_matcher(selector) for selector in role.aggregation.selectors] if role.aggregation else []
        usable = [matcher for matcher in matchers if matcher is not None]
        if usable and len(usable) == len(matchers):
            found[role.name] = tuple(r.name for r in cluster_roles if r is not role and any(matches(r.labels) for matches in usable))
    return found


def find_bindings(policy: PolicySet) -> tuple[BindingEntry, ...]:
    """Every binding and ABAC line, with what of it leads nowhere."""
    roles: dict[RoleKey, Role] = {(role.kind, role.namespace, role.name): role for role in policy.roles}
    accounts: dict[str, set[str]] = {}
    for account in policy.service_accounts:
        accounts.setdefault(account.namespace, set()).add(account.name)
    entries = []
    for grant in all_grants(policy):
        if isinstance(grant, Binding):
            key = role_key(grant)
            role = roles.get(key) if key else None
            missing = [] if role is not None else [resolution_error(grant.role_ref)]
            nobody = (_nobody(subject, grant.namespace, accounts) for subject in grant.subjects)
            entries.append(BindingEntry(grant, role, (*missing, *(text for text in nobody if text))))
        else:
            entries.append(BindingEntry(grant, None, () if grant.user or grant.group else ("the line names nobody (ABAC-18)",)))
    return tuple(entries)


def _nobody(subject: Subject, binding_namespace: str, accounts: Mapping[str, set[str]]) -> str:
    """Why a subject is nobody; empty where it may be somebody."""
    name = subject.name
    if subject.kind == "ServiceAccount":
        namespace = subject.namespace or binding_namespace
        if not namespace:
            return f"ServiceAccount {name} has no namespace (RBAC-25)"
        if parse_service_account(service_account_user(namespace, name)) is None:
            return f"no service account can be called {namespace}/{name} (ATTR-18)"
        known = accounts.get(namespace)
        if known and name not in known and name != _ALWAYS_THERE:
            return f"ServiceAccount {namespace}/{name} does not exist"
        return ""
    if subject.kind not in ("User", "Group"):
        return f"unknown kind of subject {subject.kind} (RBAC-24)"
    if name == "*":
        return f"{subject.kind} * is nobody's name: only in ABAC it stands for everybody"
    if subject.kind == "User" and (name in _GROUP_NAMES or _is_namespace_group(name)):
        return f"User {name}: that is the name of a group"
    if subject.kind == "Group" and parse_service_account(name):
        return f"Group {name}: that is a service account's user name"
    return ""


def _is_namespace_group(name: str) -> bool:
    start, _, namespace = name.rpartition(":")
    return start == SERVICE_ACCOUNTS and is_dns_label(namespace)


def is_bootstrap(one: Role | Binding, shipped: Mapping[tuple[str, str, str], Role | Binding]) -> bool:
    """Whether ``one`` is part of what every cluster has.

    That is: it came with the bootstrap policy, or it bears the bootstrap label and says what the object of its name in
    ``shipped`` (by kind, namespace and name) says. Somebody who changed a default object, or put the label on one of
    their own, shall see it.
    """
    if one.origin.file == BOOTSTRAP_FILE:
        return True
    key, value = _BOOTSTRAP_LABEL
    if one.labels.get(key) != value:
        return False
    same = shipped.get((one.kind, one.namespace, one.name))
    if isinstance(one, Role):
        return isinstance(same, Role) and (same.rules == one.rules or (one.aggregation is not None and same.aggregation == one.aggregation))
    return isinstance(same, Binding) and (same.role_ref, same.subjects) == (one.role_ref, one.subjects)


def name_matcher(pattern: str, *, regex: bool = False) -> Callable[[Iterable[str]], bool]:
    """A test of whether one of several names is what ``pattern`` looks for.

    A pattern with ``*``, ``?`` or ``[`` is a glob for the entire name, any other a part of it; with ``regex`` it is a
    regular expression that is found anywhere. An empty one finds everything. Raises UsageError.
    """
    if regex:
        try:
            expression = re.compile(pattern)
        except re.error as error:
            raise UsageError(f'"{pattern}" is no regular expression: {error}', "leave --regex out for a part of a name or a glob") from None
        return lambda names: any(expression.search(name) for name in names)
    if _GLOB.search(pattern):
        whole = re.compile(fnmatch.translate(pattern))
        return lambda names: any(whole.match(name) for name in names)
    return lambda names: any(pattern in name for name in names)

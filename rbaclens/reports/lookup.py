"""Subjects, roles and bindings as tables and data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from rbaclens.errors import UsageError
from rbaclens.index.lookup import BindingEntry, Grant, RoleEntry, SubjectEntry, grant_principals, principal
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.identity import parse_service_account
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding
from rbaclens.reports.evidence import Data, Locate, place
from rbaclens.reports.tables import Column, Table, place_cell, text_cell
from rbaclens.requests.subjects import parse_subject

SHORT = 4
"""So many names stand in a cell of the plain table; the others are counted."""


def subject_word(kind: str, name: str) -> str:
    """A subject as the command line takes it: ``bob``, ``group:devs``, ``sa:ns/name``; ``user:`` where it is needed."""
    if kind == "ServiceAccount":
        return f"sa:{name}"
    if kind == "Group":
        return f"group:{name}"
    word, colon, _ = name.partition(":")
    # All names that begin with one word are read alike, but for the system's own.
    return name if _is_plain(f"{word}:x" if colon and word != "system" else name) else f"user:{name}"


@cache
def _is_plain(name: str) -> bool:
    try:
        return parse_subject(name).user == name
    except UsageError:
        return False


def user_word(user: str) -> str:
    """A user name as the command line takes it; a service account's as ``sa:ns/name``."""
    account = parse_service_account(user)
    return subject_word("ServiceAccount", "/".join(account)) if account else subject_word("User", user)


class Placing:
    """Adds places to data; without ``locate`` it adds none, as finding them takes time that a plain table has no use for."""

    def __init__(self, locate: Locate | None) -> None:
        self.locate = locate

    def __call__(self, data: Data, origin: Origin) -> Data:
        """``data``, with ``at`` where places are wanted."""
        return data if self.locate is None else {**data, "at": place(origin, self.locate)}


def grant_data(grant: Grant, placing: Placing) -> Data:
    """A binding with its role reference, or an ABAC line as it is written."""
    if isinstance(grant, Binding):
        data: Data = {"kind": grant.kind, "namespace": grant.namespace, "name": grant.name, "role": _role_of(grant)}
    else:
        data = {"kind": "ABAC", "namespace": grant.namespace, "name": f"{grant.origin.file}:{grant.line}"}
        data.update(allows=abac_text(grant), policy=grant.written)
    return placing({key: value for key, value in data.items() if value}, grant.origin)


def abac_text(line: AbacPolicy) -> str:
    """What an ABAC line allows, in a few words: ``get,list,watch pods`` (ABAC-19, ABAC-20, ABAC-23)."""
    verbs = "get,list,watch" if line.readonly else "*"
    group = f" in API group {line.api_group}" if line.api_group else ""
    parts = [f"{verbs} {line.resource}{group}"] if line.resource else []
    parts += [f"{verbs} {line.non_resource_path}"] if line.non_resource_path else []
    return " and ".join(parts) or "nothing"


def grant_text(data: Data) -> str:
    """A binding's data in a few words: ``RoleBinding shop/developers``."""
    return f"{data['kind']} {_path(data)}" if data["kind"] != "ABAC" else f"ABAC {data['name']}"


def _role_of(binding: Binding) -> Data:
    ref = binding.role_ref
    namespace = {"namespace": binding.namespace} if ref.kind == "Role" else {}
    return {"kind": ref.kind, **namespace, "name": ref.name}


def _path(data: Data) -> str:
    return f"{data['namespace']}/{data['name']}" if data.get("namespace") else str(data["name"])


def subjects_table(entries: Sequence[SubjectEntry], locate: Locate | None, extra: Data) -> Table:
    """Subjects, what binds them and the roles that they are bound to."""
    placing = Placing(locate)
    columns = (
        Column("Kind", text_cell("kind")),
        Column("Name", text_cell("name")),
        Column("Bindings", lambda row: str(len(row["bindings"]))),
        Column("Roles", lambda row: ", ".join(_some([_path(role) for role in row["roles"]], locate is None))),
        Column("Bound by", lambda row: ", ".join(map(_placed, row["bindings"])), wide=True),
    )
    rows = [_subject_row(entry, placing) for entry in entries]
    return Table("rbaclens.subjects/v1", "subjects", columns, rows, lambda row: str(row["subject"]), extra)


def _subject_row(entry: SubjectEntry, placing: Placing) -> Data:
    row: Data = {"kind": entry.kind, "name": entry.name, "subject": subject_word(entry.kind, entry.name)}
    if entry.account is not None and placing.locate is not None:
        row["at"] = place(entry.account.origin, placing.locate)
    roles = [_role_of(grant) for grant in entry.grants if isinstance(grant, Binding)]
    row["roles"] = list({(role["kind"], _path(role)): role for role in roles}.values())
    row["bindings"] = [grant_data(grant, placing) for grant in entry.grants]
    return row


def roles_table(entries: Sequence[RoleEntry], locate: Locate | None, extra: Data) -> Table:
    """Roles, who holds them and by which binding."""
    placing = Placing(locate)
    columns = (
        Column("Kind", text_cell("kind")),
        Column("Namespace", text_cell("namespace")),
        Column("Name", text_cell("name")),
        Column("Rules", text_cell("rules")),
        Column("Holders", lambda row: ", ".join(_some(_holders(row, locate is not None), locate is None))),
        Column("Gathered from", text_cell("gatheredFrom"), wide=True),
        Column("Gathered into", text_cell("gatheredInto"), wide=True),
        Column("Where", place_cell("at"), wide=True),
    )
    rows = [_role_row(entry, placing) for entry in entries]
    return Table("rbaclens.roles/v1", "roles", columns, rows, _object_name, extra)


def _role_row(entry: RoleEntry, placing: Placing) -> Data:
    role = entry.role
    row: Data = {"kind": role.kind, **_namespace(role.namespace), "name": role.name, "rules": len(role.rules)}
    row["holders"] = [
        {
            "kind": holder.kind,
            "name": holder.name,
            "scope": holder.binding.namespace or "*",
            "binding": placing(
                {"kind": holder.binding.kind, **_namespace(holder.binding.namespace), "name": holder.binding.name}, holder.binding.origin
            ),
        }
        for holder in entry.holders
    ]
    for key, names in (("gatheredFrom", entry.gathered_from), ("gatheredInto", entry.gathered_into)):
        if names:
            row[key] = list(names)
    return placing({**row, "unused": entry.is_unused}, role.origin)


def _holders(row: Data, whole: bool) -> list[str]:
    """Who holds a role: each once with the number of scopes, or (``whole``) with every scope by name."""
    found: dict[str, list[str]] = {}
    for holder in row["holders"]:
        found.setdefault(subject_word(holder["kind"], holder["name"]), []).append(holder["scope"])
    return [f"{word} ({', '.join(dict.fromkeys(scopes)) if whole else _scope(scopes)})" for word, scopes in found.items()]


def _scope(scopes: Sequence[str]) -> str:
    if "*" in scopes:
        return "*"
    count = len(set(scopes))
    return scopes[0] if count == 1 else f"{count} namespaces"


def bindings_table(entries: Sequence[BindingEntry], locate: Locate | None, extra: Data) -> Table:
    """Bindings and ABAC lines: whom they name, what they grant, and what of it leads nowhere."""
    placing = Placing(locate)
    columns = [
        Column("Kind", text_cell("kind")),
        Column("Namespace", text_cell("namespace")),
        Column("Name", text_cell("name")),
        Column("Role", _role_cell),
        Column("Subjects", lambda row: ", ".join(_some(row["subjects"], locate is None))),
        Column("Dangling", lambda row: "; ".join(row.get("dangling", ())), wide=not any(entry.dangling for entry in entries)),
        Column("Where", place_cell("at"), wide=True),
    ]
    rows = [_binding_row(entry, placing) for entry in entries]
    return Table("rbaclens.bindings/v1", "bindings", tuple(columns), rows, _object_name, extra)


def _binding_row(entry: BindingEntry, placing: Placing) -> Data:
    row = grant_data(entry.grant, placing)
    place_of = {"at": row.pop("at")} if "at" in row else {}
    if isinstance(entry.grant, Binding):
        # A subject that stands for nobody is listed as it is written.
        row["subjects"] = [_subject_text(entry.grant, number) for number in range(len(entry.grant.subjects))]
    else:
        row["subjects"] = [subject_word(kind, name) for kind, name in grant_principals(entry.grant)]
        if entry.grant.user and entry.grant.group:
            row["onlyInGroup"] = entry.grant.group
    if entry.dangling:
        row["dangling"] = list(entry.dangling)
    return {**row, **place_of}


def _subject_text(binding: Binding, number: int) -> str:
    subject = binding.subjects[number]
    found = principal(subject, binding.namespace)
    return subject_word(*found) if found else f"{subject.kind} {subject.name}"


def _role_cell(row: Data) -> str:
    return f"{row['role']['kind']} {row['role']['name']}" if "role" in row else str(row["allows"])


def _object_name(row: Data) -> str:
    return f"{row['kind']}/{row['name']}" if row["kind"] == "ABAC" else f"{row['kind']}/{_path(row)}"


def _placed(data: Data) -> str:
    at: Callable[[Data], str] = place_cell("at")
    where = at(data)
    return f"{grant_text(data)} ({where})" if where and data["kind"] != "ABAC" else grant_text(data)


def _some(names: Sequence[str], shorten: bool) -> Sequence[str]:
    if not shorten or len(names) <= SHORT + 1:
        return names
    return [*names[:SHORT], f"+{len(names) - SHORT}"]


def _namespace(namespace: str) -> Data:
    return {"namespace": namespace} if namespace else {}

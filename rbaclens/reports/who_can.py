"""Who can, as rows: every holder with scope, grant and place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from rbaclens.index.effective import Effective, describe
from rbaclens.index.who_can import EVERYWHERE, Holder, WhoCan
from rbaclens.model.decision import AbacGrant, GroupGrant, NodeGrant, RbacGrant
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern
from rbaclens.reports.evidence import Data, Locate, abac_text, object_data, place, rule_data, rule_text
from rbaclens.reports.tables import Column, Table, text_cell

SCHEMA = "rbaclens.who-can/v1"


def who_can_table(found: WhoCan, locate: Locate, holders: tuple[Holder, ...] | None = None) -> Table:
    """The table of ``holders`` (all that were found, when not given)."""
    columns = (
        Column("kind", lambda holder: holder.kind),
        Column("name", lambda holder: holder.name),
        Column("scope", lambda holder: scope_text(holder.scope)),
        Column("by", _by),
        Column("limits", _limits),
        Column("at", lambda holder: _at(holder, locate)),
        Column("module", lambda holder: holder.authorizer, wide=True),
        Column("rule", _rule, wide=True),
        Column("rule at", lambda holder: _rule_at(holder, locate), wide=True),
    )
    extra: Data = {"question": pattern_data(found.pattern)}
    if found.doubts:
        extra["doubts"] = list(found.doubts)
    rows = found.holders if holders is None else holders
    return Table(
        SCHEMA, "holders", columns, rows, lambda holder: f"{holder.kind}/{holder.name}", extra, lambda row: holder_data(row, locate)
    )


def _by(holder: Holder) -> str:
    match holder.evidence:
        case RbacGrant() as grant:
            return f"{grant.binding.kind} {grant.binding.name} -> {grant.role.kind} {grant.role.name}"
        case AbacGrant(policy):
            return f"ABAC line {policy.line}"
        case GroupGrant():
            return "bypasses every authorizer"
        case NodeGrant(rule, steps):
            return f"node authorizer, {rule}" + (f": {' -> '.join(steps)}" if steps else "")
        case _:
            return "AlwaysAllow"


def _at(holder: Holder, locate: Locate) -> str:
    match holder.evidence:
        case RbacGrant() as grant:
            return str(locate(grant.binding.origin))
        case AbacGrant(policy):
            return str(locate(policy.origin))
        case _:
            return ""


def _rule(holder: Holder) -> str:
    match holder.evidence:
        case RbacGrant() as grant:
            return rule_text(grant.rule)
        case AbacGrant(policy):
            return abac_text(policy)
        case _:
            return ""


def _rule_at(holder: Holder, locate: Locate) -> str:
    evidence = holder.evidence
    return str(locate(evidence.role.rule_origin(evidence.rule_index))) if isinstance(evidence, RbacGrant) else ""


def holder_data(holder: Holder, locate: Locate) -> Data:
    """One holder as data."""
    data: Data = {
        "kind": holder.kind,
        "name": holder.name,
        "scope": scope_text(holder.scope),
        "authorizer": holder.authorizer,
        "by": _by(holder),
        "limits": _limits(holder),
    }
    evidence = holder.evidence
    if isinstance(evidence, RbacGrant):
        data |= {"binding": object_data(evidence.binding, locate), "role": object_data(evidence.role, locate)}
        data["rules"] = [_rule_data(evidence.role, index, locate) for index in holder.rules]
    elif isinstance(evidence, AbacGrant):
        data |= {"policy": evidence.policy.written, "at": place(evidence.policy.origin, locate)}
    elif isinstance(evidence, NodeGrant):
        data["path"] = list(evidence.steps)
    return data


def _rule_data(role: Role, index: int, locate: Locate) -> Data:
    return {"index": index, **rule_data(role.rules[index]), "at": place(role.rule_origin(index), locate)}


def scope_text(scope: str) -> str:
    """The scope in words: everywhere, a namespace, or the cluster scope alone."""
    return {EVERYWHERE: "everywhere", "": "cluster scope"}.get(scope, scope)


def pattern_data(pattern: Pattern) -> Data:
    """The question as data; open places are ``any``."""
    if not pattern.is_resource:
        return {"verb": _open(pattern.verb), "path": _open(pattern.path)}
    fields = ("verb", "api_group", "resource", "subresource", "namespace", "name")
    return {field.replace("api_group", "group"): _open(getattr(pattern, field)) for field in fields}


def effective_table(found: WhoCan, principals: Iterable[Effective], locate: Locate) -> Table:
    """Concrete principals, one a row, with every way that each has."""
    rows = []
    for principal in principals:
        kind, name = describe(principal.user)
        scopes = list(dict.fromkeys(scope_text(way.scope) for way in principal.ways))
        rows.append(
            {"kind": kind, "name": name, "user": principal.user, "groups": list(principal.groups), "scopes": scopes, "ways": principal.ways}
        )
    columns = (
        Column("kind", text_cell("kind")),
        Column("name", text_cell("name")),
        Column("scopes", text_cell("scopes")),
        Column("ways", lambda row: "; ".join(_way(way, locate) for way in row["ways"])),
        Column("groups", text_cell("groups"), wide=True),
    )
    extra: Data = {"question": pattern_data(found.pattern), **({"doubts": list(found.doubts)} if found.doubts else {})}

    def data(row: Data) -> Data:
        return {**row, "ways": [holder_data(way, locate) for way in row["ways"]]}

    return Table(SCHEMA, "principals", columns, rows, lambda row: str(row["user"]), extra, data)


def expanded(holders: Iterable[Holder], identities: Mapping[str, Iterable[str]]) -> tuple[Holder, ...]:
    """The holders with the members of each group below it, as ``identities`` (user to groups) names them."""
    members: dict[str, list[str]] = {}
    for user, groups in identities.items():
        for group in groups:
            members.setdefault(group, []).append(user)
    result: list[Holder] = []
    for holder in holders:
        result.append(holder)
        if holder.kind == "Group":
            for user in sorted(members.get(holder.name, ())):
                kind, name = describe(user)
                result.append(msgspec.structs.replace(holder, kind=kind, name=name, only_in=holder.name))
    return tuple(result)


def _way(way: Holder, locate: Locate) -> str:
    at = _at(way, locate)
    who = f"as {way.kind} {way.name}" if way.kind == "Group" else ""
    return " ".join(filter(None, (_by(way), who, f"({at})" if at else "")))


def doubt_lines(found: WhoCan) -> Iterator[str]:
    """What stands between the list and completeness."""
    return (f"unknown: {doubt}" for doubt in found.doubts)


def _open(value: str | None) -> str:
    return "any" if value is None else value


def _limits(holder: Holder) -> str:
    parts = [f"named {','.join(holder.names)}"] if holder.names else []
    return " ".join([*parts, f"in group {holder.only_in}"] if holder.only_in else parts)

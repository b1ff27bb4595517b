"""Who somebody is: the identity with every group, why it is there, and what names any of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from rbaclens.index.lookup import grants_naming
from rbaclens.model.identities import Identities
from rbaclens.model.identity import (
    AUTHENTICATED,
    MASTERS,
    NODE_PREFIX,
    NODES,
    SERVICE_ACCOUNTS,
    UNAUTHENTICATED,
    parse_service_account,
)
from rbaclens.model.objects import PlainObject
from rbaclens.model.policy import PolicySet
from rbaclens.reports.decision import place_text, row
from rbaclens.reports.evidence import Data, place
from rbaclens.reports.lookup import Placing, grant_data, grant_text, subject_word, user_word

SCHEMA = "rbaclens.whois/v1"
BYPASS = f"every authorizer: members of {MASTERS} are allowed everything before RBAC, ABAC or a webhook is asked (ATTR-25)"
_IMPLIED = {
    AUTHENTICATED: "everybody who logged in (ATTR-15)",
    UNAUTHENTICATED: "whoever did not log in: the user system:anonymous (ATTR-14)",
    MASTERS: "whoever has a certificate or token with this group; nobody is in it by default (ATTR-21)",
    NODES: "every node: the certificates of kubelets carry the group (ATTR-13)",
    SERVICE_ACCOUNTS: "every service account (ATTR-16)",
}


class Who(Protocol):
    """An identity as a subject is read."""

    @property
    def user(self) -> str:
        """The user name; empty for somebody in a group."""
        ...

    @property
    def groups(self) -> tuple[str, ...]:
        """All groups, the one that was named first."""
        ...

    @property
    def why(self) -> Mapping[str, str]:
        """Group to reason."""
        ...

    @property
    def how(self) -> str:
        """What kind of subject it is."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know."""
        ...


def whois_data(policy: PolicySet, who: Who, identities: Identities | None, extra: Data) -> Data:
    """Everything that is known of ``who``; ``extra`` is what else a request would carry (uid, extra)."""
    data: Data = {"schema": SCHEMA, "kind": who.how}
    if who.user:
        data["user"] = who.user
    data["groups"] = [_group(group, who, identities) for group in who.groups]
    data.update({key: value for key, value in extra.items() if value})
    account = parse_service_account(who.user)
    if account is not None:
        data["serviceAccount"] = _account(policy, *account)
    if who.user.startswith(NODE_PREFIX):
        data["node"] = _node(policy, who)
    if not who.user and who.groups:
        data["members"] = _group_members(policy, who.groups[0], identities)
    if MASTERS in who.groups:
        data["bypasses"] = [BYPASS]
    placing = Placing(policy.locate)
    data["bindings"] = [
        {**grant_data(grant, placing), "names": subject_word(*by)} for grant, by in grants_naming(policy, who.user, who.groups)
    ]
    notes = [*who.notes, *_notes(who, identities)]
    if data.get("members") == {}:
        notes.append("only the identity provider knows who is in this group: --identities FILE tells rbaclens")
    return {**data, "notes": notes} if notes else data


def _group(group: str, who: Who, identities: Identities | None) -> Data:
    why = who.why.get(group, "given")
    data: Data = {"name": group, "why": why, "source": "implied" if why.startswith("implied") else "given"}
    said = [one for one in identities.of_user(who.user) if one.group == group] if identities and who.user else []
    if said and why != "given":
        data.update(source="identities", at=place(said[0].origin, identities.locate) if identities else {})
        if said[0].via:
            data["via"] = said[0].via
    return data


def _account(policy: PolicySet, namespace: str, name: str) -> Data:
    """``exists`` is null where the policy knows no service account of the namespace, so that nothing can be said."""
    known = [one for one in policy.service_accounts if one.namespace == namespace]
    found = next((one for one in known if one.name == name), None)
    data: Data = {"namespace": namespace, "name": name, "exists": bool(found) if known else None}
    return {**data, "at": place(found.origin, policy.locate)} if found else data


def _node(policy: PolicySet, who: Who) -> Data:
    name = who.user.removeprefix(NODE_PREFIX)
    found = _called(policy.nodes, name)
    data: Data = {"name": name, "exists": bool(found) if policy.nodes else None, "isNode": NODES in who.groups}
    return {**data, "at": place(found.origin, policy.locate)} if found else data


def _called(objects: tuple[PlainObject, ...], name: str) -> PlainObject | None:
    return next((one for one in objects if one.name == name), None)


def _group_members(policy: PolicySet, group: str, identities: Identities | None) -> Data:
    """Members by the identities file, and by what authentication does."""
    data: Data = {}
    start, _, namespace = group.rpartition(":")
    if group in _IMPLIED:
        data["implied"] = _IMPLIED[group]
    elif start == SERVICE_ACCOUNTS:
        data["implied"] = f"every service account of the namespace {namespace} (ATTR-16)"
    if group == NODES:
        data["known"] = [f"node:{one.name}" for one in policy.nodes]
    elif SERVICE_ACCOUNTS in (group, start):
        accounts = (one for one in policy.service_accounts if group == SERVICE_ACCOUNTS or one.namespace == namespace)
        data["known"] = [subject_word("ServiceAccount", f"{one.namespace}/{one.name}") for one in accounts]
    if identities is not None:
        data["listed"] = [
            {
                "user": one.user,
                "subject": user_word(one.user),
                **({"via": one.via} if one.via else {}),
                "at": place(one.origin, identities.locate),
            }
            for one in identities.in_group(group)
        ]
    return data


def _notes(who: Who, identities: Identities | None) -> Iterator[str]:
    if identities is None:
        return
    if who.user and who.user not in identities.users and not identities.of_user(who.user):
        yield "the identities file does not name this user"
    for notice in identities.notices:
        yield f"{identities.locate(notice.origin)}: {notice.message}" if notice.origin else notice.message


def whois_text(data: Data) -> Iterator[str]:
    """``whois_data`` as lines for a person."""
    yield f"{data['kind']} {data.get('user') or data['groups'][0]['name'] if data['groups'] else data.get('user', '')}"
    if "user" in data:
        yield row("user", data["user"])
    for number, group in enumerate(data["groups"]):
        via = f", by {group['via']}" if "via" in group else ""
        yield row("" if number else "groups", f"{group['name']}  ({group['why']}{via})")
    if "uid" in data:
        yield row("uid", data["uid"])
    for key, values in data.get("extra", {}).items():
        yield row("extra", f"{key}={','.join(values)}")
    yield from _object_text(data)
    yield from _members_text(data.get("members", {}))
    for text in data.get("bypasses", ()):
        yield row("bypasses", text)
    yield row("bound by", f"{len(data['bindings'])} binding{'' if len(data['bindings']) == 1 else 's'}")
    for grant in data["bindings"]:
        yield row("", _grant_line(grant), None if grant["kind"] == "ABAC" else grant["at"])
    for note in data.get("notes", ()):
        yield row("note", note)


def _object_text(data: Data) -> Iterator[str]:
    account = data.get("serviceAccount")
    if account:
        said = {True: "is in the policy", False: "is not in the policy", None: "the policy has no service accounts of the namespace"}
        yield row("account", f"{account['namespace']}/{account['name']}: {said[account['exists']]}", account.get("at"))
    node = data.get("node")
    if node:
        said = {True: "is in the policy", False: "is not in the policy", None: "the policy has no nodes"}
        rights = "the node authorizer knows it" if node["isNode"] else f"no node to the node authorizer without {NODES} (NODE-01)"
        yield row("node", f"{node['name']}: {said[node['exists']]}; {rights}", node.get("at"))


def _members_text(members: Data) -> Iterator[str]:
    listed, known = members.get("listed", ()), members.get("known", ())
    if "implied" in members:
        yield row("members", members["implied"])
    if known:
        yield row("" if "implied" in members else "members", f"known: {', '.join(known)}")
    for number, one in enumerate(listed):
        via = f", by {one['via']}" if "via" in one else ""
        yield row("" if number or "implied" in members else "members", f"{one['subject']}  ({place_text(one['at'])}{via})")


def _grant_line(grant: Data) -> str:
    what = f"grants {grant['role']['kind']} {grant['role']['name']}" if "role" in grant else f"allows {grant['allows']}"
    return f"{grant_text(grant)} names {grant['names']}, {what}"

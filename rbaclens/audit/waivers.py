"""Waivers: which findings they cover, those that stand on objects as annotations, and those that no longer count."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Iterator

from rbaclens.audit.finding import Finding, Subject, name_of
from rbaclens.audit.registry import load_rule
from rbaclens.audit.settings import Waiver
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, PlainObject, Role
from rbaclens.model.policy import PolicySet

ANNOTATION = "rbaclens.dev/waive"
EXPIRED, UNUSED = "RL0001", "RL0002"
_ID = r"[A-Z][A-Z0-9._-]*"
_INLINE = re.compile(
    rf"\s*(?P<rules>{_ID}(?:\s*,\s*{_ID})*)(?:\s+until\s+(?P<until>\d{{4}}-\d{{2}}-\d{{2}}))?(?:\s+by\s+(?P<owner>[^\s:][^:]*?))?"
    r"\s*:\s*(?P<reason>\S.*)",
    re.IGNORECASE,
)
LINE = "line"


class Broken:
    """An annotation that says nothing that could be followed."""

    def __init__(self, on: Subject, text: str) -> None:
        self.on = on
        self.text = text


def inline(policy: PolicySet, known: Collection[str]) -> Iterator[tuple[Subject, Waiver] | Broken]:
    """The waivers on roles, bindings, service accounts and namespaces, also on those that the API server would refuse.

    ``known`` are the ids of all rules. One a line: ``RL1101: reason``, ``RL1101, RL1103: reason``,
    ``RL1101 until 2027-06-30 by platform: reason``.
    """
    objects: list[Role | Binding | PlainObject] = [*policy.roles, *policy.bindings, *policy.service_accounts, *policy.namespaces]
    objects += [one.obj for one in policy.written.refused]
    for one in objects:
        text = one.annotations.get(ANNOTATION) if one.annotations else None
        for line in (text or "").splitlines():
            if not line.strip():
                continue
            found = _INLINE.fullmatch(line)
            rules = [rule.strip().upper() for rule in found["rules"].split(",")] if found else []
            try:
                until = datetime.date.fromisoformat(found["until"]) if found and found["until"] else None
            except ValueError:
                rules = []
            if not found or not rules or not all(rule in known for rule in rules):
                yield Broken(one, line.strip())
                continue
            for rule in rules:
                yield one, Waiver(rule, found["reason"].strip(), found["owner"] or "", until)


def covers(waiver: Waiver, finding: Finding) -> bool:
    """Whether a waiver is about a finding, whenever it expires."""
    return (
        waiver.rule == finding.rule
        and waiver.subject in ("", str(finding.principal))
        and waiver.namespace in ("", *(finding.scopes if len(finding.scopes) == 1 else ()))
        and (not waiver.object or any(name_of(one) == waiver.object for one in finding.objects))
        and (not waiver.fingerprint or finding.fingerprint.startswith(waiver.fingerprint))
    )


def expired(waiver: Waiver, today: datetime.date) -> bool:
    """Whether the last day of a waiver is over."""
    return waiver.expires is not None and waiver.expires < today


def expired_finding(waiver: Waiver, on: Subject | None, covered: int) -> Finding:
    """The finding that a waiver is over while it still covers something."""
    again = "1 finding counts" if covered == 1 else f"{covered} findings count"
    text = f'The waiver of {waiver.describe()} ended on {waiver.expires}; {again} again. It said "{waiver.reason}".'
    return _finding(EXPIRED, text, waiver, on)


def unused_finding(waiver: Waiver, on: Subject | None) -> Finding:
    """The finding that a waiver covers nothing any more."""
    return _finding(UNUSED, f'The waiver of {waiver.describe()} covers no finding (any more). It said "{waiver.reason}".', waiver, on)


def broken_finding(broken: Broken) -> Finding:
    """The finding that an annotation cannot be read as a waiver."""
    text = f'The annotation {ANNOTATION} on {name_of(broken.on)} waives nothing: "{broken.text}" is not of the form "RL1101: reason".'
    return _finding(UNUSED, text, Waiver("", broken.text), broken.on)


def _finding(rule_id: str, text: str, waiver: Waiver, on: Subject | None) -> Finding:
    rule = load_rule(rule_id)
    if on is None or isinstance(on, AbacPolicy):
        origin = Origin(waiver.file, 0, (LINE, waiver.line))
    else:
        origin = on.origin.child("metadata", "annotations", ANNOTATION)
    where = name_of(on) if on is not None else ""
    return Finding(
        rule=rule.id,
        title=rule.title,
        score=rule.top_score,
        confidence="high",
        remediation=rule.fix,
        identity=(waiver.describe(), waiver.reason, where),
        text=text,
        origin=origin,
        objects=(on,) if on is not None else (),
    )


def waivers_of(finding: Finding, by_object: dict[int, list[Waiver]], listed: Iterable[Waiver]) -> Iterator[Waiver]:
    """The waivers that cover a finding: listed ones, and those on the objects that it rests on."""
    yield from (waiver for waiver in listed if covers(waiver, finding))
    if by_object:
        for one in finding.objects:
            yield from (waiver for waiver in by_object.get(id(one), ()) if waiver.rule == finding.rule)

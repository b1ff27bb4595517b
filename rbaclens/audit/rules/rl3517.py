"""RL3517: an ABAC line that another one covers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related
from rbaclens.audit.rule import CheckRule
from rbaclens.authorizers.matching import ALL, path_pattern_matches
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.identity import ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED

Key = tuple[str, ...]


def _check(context: Context) -> Iterator[Flaw]:
    lines = [line for line in context.policy.abac or () if _grants(line)]
    by_resource: dict[Key, list[AbacPolicy]] = {}
    by_subject: dict[Key, list[AbacPolicy]] = {}
    for line in lines:
        by_resource.setdefault((line.user, line.group, line.namespace, line.resource, line.api_group), []).append(line)
        if line.non_resource_path:
            by_subject.setdefault((line.user, line.group), []).append(line)
    for line in lines:
        others = _candidates(line, by_resource, by_subject)
        wider = next((one for one in others if one is not line and _covers(one, line) and _goes_first(one, line)), None)
        if wider is not None:
            yield Flaw(
                on=line,
                message=f"The line adds nothing: line {wider.line} grants all of it.",
                related=(Related(wider.origin, "the line that grants all of it"),),
            )


def _grants(line: AbacPolicy) -> bool:
    """Whether the line grants anything at all; what is wrong with the others is told by other rules."""
    return bool((line.user or line.group) and (line.resource or line.non_resource_path))


def _candidates(
    line: AbacPolicy, by_resource: dict[Key, list[AbacPolicy]], by_subject: dict[Key, list[AbacPolicy]]
) -> Iterator[AbacPolicy]:
    """The lines whose subject and resource part may cover those of ``line``."""
    subjects = {(line.user, line.group), (line.user, ""), ("", line.group)}
    if line.user != ANONYMOUS and line.group != UNAUTHENTICATED:
        subjects.add(("", AUTHENTICATED))
    for subject in sorted(subjects - {("", "")}):
        if not line.resource:
            yield from by_subject.get(subject, ())
            continue
        for place in product(*((own,) if own == ALL else (own, ALL) for own in (line.namespace, line.resource, line.api_group))):
            yield from by_resource.get((*subject, *place), ())


def _covers(one: AbacPolicy, line: AbacPolicy) -> bool:
    """Whether ``one``, a candidate, has the verbs and the paths of ``line``."""
    if one.readonly and not line.readonly:
        return False
    # ABAC-23: trailing stars are a prefix, so that a pattern may be asked about as if it were a path.
    return not line.non_resource_path or path_pattern_matches(one.non_resource_path, line.non_resource_path)


def _goes_first(one: AbacPolicy, line: AbacPolicy) -> bool:
    """Of lines that cover each other the first stays, so that one of them always does."""
    subject = one.user == line.user and one.group == line.group
    place = not line.resource or (one.namespace, one.resource, one.api_group) == (line.namespace, line.resource, line.api_group)
    paths = _path(one) == _path(line)
    same = subject and place and paths and one.readonly == line.readonly
    return not same or bool(one.resource and not line.resource) or one.line < line.line


def _path(line: AbacPolicy) -> str:
    """The path, with one star for several at its end, which mean the same."""
    path = line.non_resource_path
    return f"{path.rstrip(ALL)}{ALL}" if path.endswith(ALL) else path


RULE = CheckRule(
    id="RL3517",
    title="ABAC line that another one covers",
    condition="Another line of the file grants all that a line grants, to at least the same users.",
    gives="Nothing by itself; but taking the line away takes nothing away, which misleads whoever tries.",
    fix="Delete the line, or the wider one if the narrow one is what was meant: order is irrelevant and nothing denies.",
    level="note",
    check=_check,
    owasp=("K02",),
)

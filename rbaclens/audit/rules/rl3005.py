"""RL3005: somebody whom nobody knows."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import take_out
from rbaclens.audit.rule import CheckRule
from rbaclens.model.identities import Identities
from rbaclens.model.objects import Subject

_SYSTEM = "system:"


def _check(context: Context) -> Iterator[Flaw]:
    known = context.surroundings.identities
    for binding in context.bindings if known is not None else ():
        for position, subject in enumerate(binding.subjects):
            if known is None or subject.name.startswith(_SYSTEM) or _is_known(subject, known):
                continue
            yield Flaw(
                on=binding,
                steps=("subjects", position),
                key=(subject.kind, subject.name),
                principal=Principal(subject.kind, subject.name),
                message=f"{subject.kind} {subject.name} is not among the identities: {_TAKES[subject.kind]}.",
                patch=take_out(binding, position),
            )


_TAKES = {
    "User": "whoever gets that name at the login has what the binding gives",
    "Group": "whoever is put into a group of that name has what the binding gives",
}


def _is_known(subject: Subject, known: Identities) -> bool:
    """Whether the identities name somebody so; an inventory without any user, or any group, says nothing of those."""
    if subject.kind == "User":
        return not known.users or bool(known.of_user(subject.name)) or subject.name in known.users
    if subject.kind == "Group":
        return not (known.groups or known.patterns) or bool(known.in_group(subject.name))
    return True


RULE = CheckRule(
    id="RL3005",
    title="Unknown user or group",
    condition="A binding names a user or group that is not in the identities (--identities); silent without them.",
    gives="Kubernetes knows no users: whoever gets the name later, an account that is made again or a guessed group, has the rights.",
    fix="Take the subject out of the binding, or correct its name.",
    level="note",
    check=_check,
    confidence="medium",
    owasp=("K02",),
)

"""RL3108: rights that nobody used."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.usage import Unused, Usage
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.authorizers.matching import ALL

_SHOWN = 3


def _check(context: Context) -> Iterator[Flaw]:
    usage = context.surroundings.usage
    if usage is None or not usage.requests:
        return
    for binding, role in context.bound:
        unused = usage.unused(binding, role.rules) if binding.subjects else []
        if unused:
            nothing = len(unused) == len(role.rules) and all(one.whole for one in unused)
            what = "anything that it gives" if nothing else _words(unused)
            yield Flaw(on=binding, steps=("roleRef",), message=f"{_window(usage)} nobody needed {what} ({role.kind} {role.name}).")


def _window(usage: Usage) -> str:
    days = usage.days
    requests = "1 request" if usage.requests == 1 else f"{usage.requests} requests"
    if days is None:
        return f"In the audit log ({requests})"
    length = "one day" if days == 1 else f"{days} days"
    return f"In {length} of the audit log ({usage.first[:10]} to {usage.last[:10]}, {requests})"


def _words(unused: list[Unused]) -> str:
    texts = [text for one in unused for text in _texts(one)]
    more = f", and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return "; ".join(texts[:_SHOWN]) + more


def _texts(one: Unused) -> Iterator[str]:
    rule = one.rule
    targets = rule.resources or rule.non_resource_urls
    if one.whole:
        yield f"{', '.join(rule.verbs)} on {', '.join(targets)}"
    if one.verbs:
        yield f"{_but(one.verbs, one.seen_verbs)} on {', '.join(targets)}"
    if one.targets:
        yield f"{', '.join(rule.verbs)} on {_but(one.targets, one.seen_targets)}"


def _but(entries: tuple[str, ...], seen: tuple[str, ...]) -> str:
    """The entries; of a star also what it was used for."""
    if ALL not in entries:
        return ", ".join(entries)
    more = f" and {len(seen) - _SHOWN} more" if len(seen) > _SHOWN else ""
    return f"anything but {', '.join(seen[:_SHOWN])}{more}"


RULE = CheckRule(
    id="RL3108",
    title="Broader than observed",
    condition="No request of the audit log (--audit-log) needed a rule, verb or resource that a binding gives; silent without a log.",
    gives="Rights that are not needed serve nobody but whoever takes over the account.",
    fix="Take out what is not needed, if the log is long enough to hold what happens seldom.",
    level="note",
    confidence="low",
    check=_check,
    cis=("5.1.1",),
    owasp=("K02",),
)

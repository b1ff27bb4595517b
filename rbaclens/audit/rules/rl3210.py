"""RL3210: URLs that match no path."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule


def _check(context: Context) -> Iterator[Flaw]:
    for role in context.roles:
        for number, rule in enumerate(() if role.gathered else role.rules):
            for position, url in enumerate(rule.non_resource_urls):
                # All stars at the end together are the wildcard (RBAC-17).
                if "*" in url.rstrip("*"):
                    wrong = "a star that is not at the end stands for itself"
                elif not url.startswith(("/", "*")):
                    wrong = "every path starts with a slash"
                else:
                    continue
                yield Flaw(
                    on=role,
                    steps=("rules", number, "nonResourceURLs", position),
                    key=(url,),
                    message=f'"{url}" matches no path that anybody asks for: {wrong}.',
                )


RULE = CheckRule(
    id="RL3210",
    title="URL wildcard not at the end",
    condition="A nonResourceURL has a star before its end, or does not start with a slash.",
    gives="The entry grants nothing: only a star alone and a star at the end are wildcards.",
    fix="Write whole paths, or a prefix with a star at its end.",
    level="warning",
    check=_check,
    owasp=("K02",),
)

"""Writes ``docs/techniques.md`` from the registry; ``--check`` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import generated

PAGE = generated.ROOT / "docs" / "techniques.md"
HEAD = """# The techniques of an attacker

Attack paths are made of these. Each is asked of everybody, on the union of what they hold in one place: over all bindings, groups,
implied groups, aggregated roles and ABAC lines. A right that is limited to object names leads to what those names are and no further.
This page is made from the techniques themselves (`make docs`).

**Cost** is 0 for a fact, 1 for one reliable call, 2 for a few calls, known names or the start of a pod, 3 where it takes an endpoint,
timing or another component, 4 where it takes a race, a restart or something outside the cluster.

**What prevents it** is what the input can show: pod security that a namespace enforces, NodeRestriction for the identities of kubelets
(taken to be on where the Node authorizer is in the chain), user namespaces. A hop that is prevented is kept, with the reason, and is
on no path. Other admission policy is not in the input.

**What is there** is what the input shows. Without any ServiceAccount, every account that is named is taken to be there; without any pod,
every account that is named is taken to have one, but for those of the control plane's controllers; without nodes, root on any node is
where a path ends.
"""


def page() -> str:
    """The whole page."""
    from rbaclens.graph.attack.registry import FAMILIES, load_technique

    parts = [HEAD, "| id | cost | technique |\n|---|---|---|"]
    for ids in FAMILIES.values():
        parts[-1] += "".join(f"\n| [{one}](#{one.lower()}) | {load_technique(one).cost} | {load_technique(one).title} |" for one in ids)
    for family, ids in FAMILIES.items():
        parts.append(f"## {family[0].upper()}{family[1:]}")
        parts += ["\n\n".join(section(one)) for one in ids]
    return "\n\n".join(part.strip("\n") for part in (*parts, *peers())) + "\n"


def section(technique_id: str) -> Iterator[str]:
    """One technique."""
    from rbaclens.analysis.capability import words
    from rbaclens.graph.attack.registry import load_technique, why
    from rbaclens.graph.attack.technique import Fact

    one = load_technique(technique_id)
    yield f'<a id="{technique_id.lower()}"></a>\n### {technique_id}'
    text = why(technique_id).replace("``", "`")
    yield text[:1].upper() + text[1:]
    lines = [f"- **Needs**: {one.needs if isinstance(one, Fact) else words(one.needs)}"]
    if not isinstance(one, Fact) and one.named:
        lines.append(f"- **By name**: a grant limited to names of {', '.join(f'`{name}`' for name in one.named)} counts for these")
    lines.append(f"- **Leads to**: {one.effect}")
    lines.append(f"- **Cost**: {one.cost}")
    bounds = [f"from {_version(one.since)}"] if one.since > (0, 0) else []
    bounds += [f"up to {_version(one.until)}"] if one.until < (99, 0) else []
    lines += [f"- **Kubernetes**: {' '.join(bounds)}"] if bounds else []
    lines += [f"- **What prevents it**: {one.mitigations}"] if one.mitigations else []
    lines += [f"- **Request**: `{one.request.replace('{{', '{').replace('}}', '}')}`"] if one.request else []
    lines += [f"- **Reference**: <{one.reference}>"] if one.reference else []
    yield "\n".join(lines)


def _version(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def peers() -> Iterator[str]:
    """What other tools draw."""
    from rbaclens.graph.attack.peers import PEERS

    yield "## What other tools draw"
    for peer, edges in PEERS.items():
        rows = [f"| {edge} | {covered if isinstance(covered, str) else ', '.join(covered)} |" for edge, covered in edges.items()]
        yield f"### {peer}\n\n| there | here |\n|---|---|\n" + "\n".join(rows)


def renew(check: bool) -> int:
    """Write the page, or compare it; the number of pages that were not up to date."""
    return generated.renew(PAGE, page(), check)


if __name__ == "__main__":
    sys.exit(generated.main(renew))

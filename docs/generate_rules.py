"""Writes ``docs/rules.md`` from the registry and the samples; ``--check`` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import generated

PAGE = generated.ROOT / "docs" / "rules.md"
SAMPLES = generated.ROOT / "policies" / "samples"
HEAD = """# The rules of the audit

`rbaclens audit` judges what everybody effectively holds: over all bindings, groups, implied groups, aggregated roles and ABAC
lines. This page is made from the rules themselves (`make docs`); `rbaclens rules RL1101` shows one in the terminal.

**Severity** follows the scope: the cluster, a namespace, or a *privileged namespace* (kube-system, and every namespace that
holds a service account that amounts to cluster-admin). Everybody (anonymous, all authenticated users, all service accounts) or a
DaemonSet's service account as the holder: one level more. A grant that is limited to harmless names, or pods in a namespace that
enforces the restricted pod security standard: one level less. A role that nobody is bound to: two levels less. What every cluster
has from its start is no finding, recognised by what it says and never by its name.

**Settings** stand in `rbaclens.toml` under `[audit]`, or in `audit.yaml` beside the policies:

```yaml
failOn: high                      # critical, high, medium, low, info, never
kubeVersion: "1.36"
customRules: [acme.rules.yaml]    # rules of your own, from where this file stands
baseline: audit-baseline.json     # findings that are known; written by --write-baseline
rules:
  RL1101: {severity: medium}
  RL3101: {enabled: false}
waivers:
- rule: RL1101
  subject: sa:edge/certificates   # optional, as are namespace, object and fingerprint
  reason: reads the certificates of every ingress
  owner: platform
  expires: 2027-06-30
```

Every waiver needs a reason. One that is past its last day, or that covers no finding any more, is a finding itself (RL0001,
RL0002), at the line where it stands. A waived grant is waived with its narrower findings: who accepts everything in a namespace
need not accept the secrets there once more. What is of a higher severity is never part of something milder.

Rules of your own, in YAML with CEL or in Python: [custom-rules.md](custom-rules.md).

An object waives its own findings by an annotation, one a line; last day and owner as you like:

```yaml
metadata:
  annotations:
    rbaclens.dev/waive: "RL1101 until 2027-06-30 by platform: reads the certificates of every ingress"
```
"""


def page() -> str:
    """The whole page."""
    from rbaclens.audit.registry import FAMILIES, TITLES, load_rule
    from rbaclens.reports.findings_rules import rule_data

    parts = [HEAD, "| id | severity | rule |\n|---|---|---|"]
    for ids in FAMILIES.values():
        parts[-1] += "".join(
            f"\n| [{one}](#{one.lower()}) | {rule_data(load_rule(one))['severity']} | {load_rule(one).title} |" for one in ids
        )
    for family, ids in FAMILIES.items():
        if ids:
            parts.append(f"## {TITLES[family]}")
        parts += ["\n\n".join(section(one)) for one in ids]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def section(rule_id: str) -> Iterator[str]:
    """One rule."""
    from rbaclens.audit.registry import load_rule
    from rbaclens.audit.severity import severity_of
    from rbaclens.reports.findings_rules import condition, mappings, scope_scores, version_text

    rule = load_rule(rule_id)
    yield f'<a id="{rule_id.lower()}"></a>\n### {rule_id} {rule.title}'
    scores = scope_scores(rule) or {"": rule.top_score}
    shown = [f"{severity_of(score).title} {score}" + (f" ({scope})" if scope else "") for scope, score in scores.items()]
    lines = [f"- **Severity**: {', '.join(shown)}; confidence {rule.confidence}; tier {rule.tier}"]
    bounds = [f"{word} {version_text(one)}" for word, one in (("from", rule.since), ("up to", rule.until)) if version_text(one)]
    lines += [f"- **Kubernetes**: {' '.join(bounds)}"] if bounds else []
    lines.append(f"- **When**: {condition(rule)}")
    lines.append(f"- **What it gives**: {rule.gives}")
    lines.append(f"- **What to do**: {rule.fix}")
    lines += [f"- **Maps to**: {mappings(rule)}"] if mappings(rule) else []
    yield "\n".join(lines)
    for which in ("vulnerable", "hardened"):
        for path in sorted((SAMPLES / rule_id).glob(f"{which}.*")):
            kind = "yaml" if path.suffix == ".yaml" else "json"
            summary = f"<details><summary>{which}</summary>"
            yield f"{summary}\n\n```{kind}\n{path.read_text().strip()}\n```\n\n</details>"


def renew(check: bool) -> int:
    """Write the page, or compare it; the number of pages that were not up to date."""
    return generated.renew(PAGE, page(), check)


if __name__ == "__main__":
    sys.exit(generated.main(renew))

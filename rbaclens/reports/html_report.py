"""Findings as one HTML page that needs nothing else: no script from elsewhere, no style, no font, no image."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from rbaclens.audit.verdict import Judged, Verdict
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_data import chain, waiver_text, where_text
from rbaclens.reports.findings_text import summary_text

_SHOWN_GRANTS = 10
_STYLE = """
:root { color-scheme: light dark; --line: #8885; --soft: #8881 }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: .4rem .8rem }
summary { cursor: pointer; display: flex; gap: .8rem; align-items: baseline; flex-wrap: wrap }
summary b { min-width: 5rem } summary .where { margin-left: auto; opacity: .8 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem; margin: .6rem 0 } dt { opacity: .7 } dd { margin: 0 }
code { background: var(--soft); padding: 0 .25em; border-radius: 3px; overflow-wrap: anywhere }
.critical b { color: #c0142b } .high b { color: #d2570c } .medium b { color: #a37b00 } .low b { color: #2a7d8c } .info b { opacity: .7 }
.waived, .known { opacity: .6 }
form { display: flex; gap: 1rem; flex-wrap: wrap; margin: 1rem 0 }
input[type=search] { flex: 1; min-width: 12rem; padding: .3rem .6rem; font: inherit }
@media (prefers-color-scheme: dark) { .critical b { color: #ff6b7d } .high b { color: #ff9a5c }
.medium b { color: #e3c04d } .low b { color: #6ec3d2 } }
"""
_SCRIPT = """
const search = document.querySelector('input[type=search]'), boxes = [...document.querySelectorAll('input[type=checkbox]')]
const all = [...document.querySelectorAll('details')]
function filter() {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean), off = boxes.filter(b => !b.checked).map(b => b.name)
  const shown = one => !off.some(o => one.classList.contains(o)) && words.every(w => one.textContent.toLowerCase().includes(w))
  for (const one of all) one.hidden = !shown(one)
}
search.addEventListener('input', filter); boxes.forEach(b => b.addEventListener('change', filter)); filter()
"""


def html_text(verdict: Verdict, locate: Locate, program_version: str) -> str:
    """The page; narrower findings, waived and known ones can be switched on and off."""
    title = "rbaclens audit: " + ("failed" if verdict.failing else "passed")
    body = "\n".join(_finding(one, locate) for one in verdict.judged) or "<p>No findings.</p>"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{_STYLE}</style></head>
<body><h1>{title}</h1><p>{escape(summary_text(verdict.summary))}</p>
<form><input type="search" placeholder="filter: words of rule, principal, namespace" aria-label="filter">
<label><input type="checkbox" name="part"> narrower ones</label>
<label><input type="checkbox" name="waived"> waived</label> <label><input type="checkbox" name="known"> known</label></form>
{body}
<footer><p>rbaclens {escape(program_version)}</p></footer><script>{_SCRIPT}</script></body></html>"""


def _finding(judged: Judged, locate: Locate) -> str:
    finding = judged.finding
    classes = f"{finding.severity.title.lower()} {judged.state}" + (" part" if finding.part_of else "")
    head = f"<b>{finding.severity.title}</b><code>{finding.rule}</code><span>{escape(finding.title)}</span>"
    who = f"{finding.principal or ''} {where_text(finding.scopes)}".strip()
    rows = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in _rows(judged, locate))
    where = f'<span class="where">{escape(who)}</span>'
    return f'<details class="{classes}" id="{finding.id}"><summary>{head}{where}</summary><dl>{rows}</dl></details>'


def _rows(judged: Judged, locate: Locate) -> Iterator[tuple[str, str]]:
    finding = judged.finding
    yield "what", escape(finding.message)
    if finding.origin is not None:
        yield "at", f"<code>{escape(str(locate(finding.origin)))}</code>"
    for one in chain(finding, _SHOWN_GRANTS):
        yield "by", f"{escape(one.text)} <code>{escape(str(locate(one.origin)))}</code>"
    if len(finding.evidence) > _SHOWN_GRANTS:
        yield "", f"and {len(finding.evidence) - _SHOWN_GRANTS} more grants"
    if len(finding.scopes) > 1:
        yield "in", escape(", ".join(finding.scopes))
    yield "fix", escape(finding.remediation)
    if finding.patch is not None:
        yield "patch", escape(finding.patch.text)
    if finding.part_of:
        yield "part of", finding.part_of
    if judged.waiver is not None:
        yield "waived", escape(waiver_text(judged))
    yield "fingerprint", f"<code>{finding.fingerprint}</code>"

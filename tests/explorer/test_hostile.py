"""Names that want to be markup or script stay text, in every field and every view."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from explorer.pages import write_page

from rbaclens.analysis.holder import Principal
from rbaclens.audit.finding import Finding
from rbaclens.audit.verdict import Judged, Verdict
from rbaclens.explorer.data import Shown, explorer_data
from rbaclens.explorer.page import page_text
from rbaclens.explorer.paths import AttackPath, AttackStep
from rbaclens.index.engine import Engine
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import RbacGrant
from rbaclens.model.location import Location, Origin
from rbaclens.model.objects import Binding, PlainObject, Role, RoleRef, Subject
from rbaclens.model.policy import Notice, PolicySet
from rbaclens.model.resources import ApiResource
from rbaclens.model.rules import PolicyRule

HOSTILE = (
    "</script><script>globalThis.pwned=1</script>",
    '"><img src=x onerror=globalThis.pwned=1>',
    "'-alert(1)-'<svg onload=globalThis.pwned=1>",
    "javascript:globalThis.pwned=1",
    "\u202egnp.exe\u2066 \u200b",
    "<!--${globalThis.pwned=1}-->",
    "half \ud800 \u2028 \x00",
    "%3Cimg%20src%3Dx%3E/#?&=",
    "__proto__",
)


def hostile_document(text: str) -> dict[str, Any]:
    """Every field that a policy can fill, filled with ``text``."""
    origin = Origin(text)
    rule = PolicyRule((text, "get"), (text, ""), (text, "pods"), (text,), (text,))
    roles = (Role("Role", text, text, (rule,), origin), Role("ClusterRole", "", text, (rule,), origin))
    subjects = tuple(Subject(kind, text, text) for kind in ("User", "Group", "ServiceAccount", text))
    bindings = (
        Binding("RoleBinding", text, text, subjects, RoleRef("Role", text), origin),
        Binding("ClusterRoleBinding", "", text, subjects, RoleRef("ClusterRole", text), origin),
        Binding("RoleBinding", text, f"{text}2", subjects, RoleRef(text, text), origin),
    )
    line = AbacPolicy(origin, 1, text, text, False, text, text, text, text, written=text)
    objects = (PlainObject("ServiceAccount", text, text, origin),)
    policy = PolicySet(
        *(roles, bindings, (line,)),
        **{"namespaces": (PlainObject("Namespace", "", text, origin),), "service_accounts": objects, "nodes": objects},
        **{"gaps": (text,), "notices": (Notice(text, origin),), "locate": lambda origin: Location(origin.file, 1, 1)},
    )
    fields = {"title": text, "text": text, "gives": text, "remediation": text, "identity": (text,), "scopes": (text,), "part_of": ""}
    grant = RbacGrant(bindings[0], subjects[0], roles[0], 0)
    findings = (
        Finding(rule="RL1101", score=9.0, confidence="high", principal=Principal("User", text), evidence=(grant,), origin=origin, **fields),
        Finding(rule="RL1102", score=5.0, confidence="high", objects=(roles[0],), origin=origin, **fields),
    )
    step = AttackStep(text, text, text, text, text, text, text, 1, text)
    shown = Shown(
        title=text,
        program=text,
        resources=(ApiResource(text, "v1", text, text, text, (text,), verbs=(text,)),),
        verdict=Verdict(tuple(Judged(one) for one in findings), None),
        paths=(AttackPath(text, text, 1, (step, step)),),
        identities={text: (text,)},
    )
    return explorer_data(Engine(policy), shown)


VISIT = """async () => {
  const seen = new Set(), todo = ['#/', '#/findings?all=1', '#/paths?closed=1', '#/paths?p=0', '#/search']
  while (todo.length && seen.size < 80) {
    const hash = todo.shift()
    if (seen.has(hash)) continue
    seen.add(hash)
    location.hash = hash
    await new Promise(done => setTimeout(done))
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)))
    for (const one of document.querySelectorAll('details')) one.open = true
    await new Promise(done => setTimeout(done))
    for (const one of document.querySelectorAll('main a')) todo.push(one.getAttribute('href'))
  }
  return [...seen]
}"""


@pytest.mark.parametrize("text", HOSTILE)
def test_stays_text(opened: Callable[..., Any], tmp_path: Path, text: str) -> None:
    """Every view that a link leads to is looked at: nothing runs, nothing is made of it, every link stays inside the page."""
    page = opened(write_page(tmp_path, hostile_document(text)))
    seen = page.evaluate(VISIT)
    assert len(seen) > 15
    assert all(address.startswith("#/") for address in seen)
    assert page.evaluate("globalThis.pwned") is None
    assert page.evaluate("Object.prototype.pwned") is None
    assert page.locator("main img, main script, main iframe, main svg").count() == 0
    views = {address.split("/")[1].split("?")[0] for address in seen}
    assert {"subject", "role", "binding", "namespace", "finding", "paths"} <= views
    page.evaluate("location.hash = '#/search?q=pods'")
    page.locator("#search").fill(text[:12])
    assert page.evaluate("globalThis.pwned") is None


@pytest.mark.parametrize("text", HOSTILE)
def test_is_no_markup_in_the_file(text: str) -> None:
    """Beside the title, which is escaped, no name of the policy stands in the file as it is."""
    page, plain = page_text(hostile_document(text)), page_text(hostile_document("plain"))
    assert page.encode("utf-8")
    for start in ("<script", "<img", "<svg", "<!--"):
        assert page.count(start) == plain.count(start)


def test_invisible_characters_show(opened: Callable[..., Any], tmp_path: Path) -> None:
    """Marks that turn the direction of text are written out, and names are isolated from what stands around them."""
    page = opened(write_page(tmp_path, hostile_document(HOSTILE[4])) + "#/search?tab=Namespaces")
    label = page.locator("main li bdi").first
    assert label.inner_text() == "\\u202egnp.exe\\u2066 \\u200b"

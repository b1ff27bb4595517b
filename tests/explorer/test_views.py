"""The page in a real browser: every view, search, questions, links, keys, themes, and a narrow window."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from explorer.pages import HASHES, sample_document, write_page

from rbaclens.index.engine import Engine

AXE = Path(__file__).resolve().parents[2] / ".cache" / "axe-core" / "axe.min.js"
Opened = Callable[..., Any]


def open_details(page: Any) -> None:
    """Open everything that can be opened, and wait until what is made only then is there."""
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def go(page: Any, address: str) -> None:
    """Follow a link inside the page, as a click on it would."""
    page.evaluate("hash => { location.hash = hash }", address)
    page.wait_for_function("hash => location.hash === hash && document.title !== ''", arg=address)


@pytest.mark.parametrize("address", HASHES)
@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (320, "dark")])
def test_every_view_opens_by_its_link(opened: Opened, sample: str, address: str, width: int, theme: str) -> None:
    """Each view opens without a complaint, has a title, and never makes the page wider than the window."""
    page = opened(f"{sample}{address}", width=width, theme=theme)
    assert page.title().endswith("– rbaclens")
    assert page.locator("main h1, main .empty").first.is_visible()
    open_details(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_search_answers_while_typing(opened: Opened, sample: str) -> None:
    """Groups of what fits, the nearest first; the arrows and Enter take one."""
    page = opened(sample)
    page.keyboard.press("/")
    page.keyboard.type("deploy")
    options = page.locator("[role=option]")
    assert any("shop/deployer" in text for text in options.all_inner_texts())
    groups = page.locator(".search .group").all_inner_texts()
    assert {text.split("\n")[0].split()[0].rstrip("0123456789") for text in groups} >= {"Subjects", "Roles", "Resources"}
    page.locator("#search").fill("shop/deployer")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#search").get_attribute("aria-activedescendant")
    assert page.locator(f"#{chosen}").get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('main h1').textContent === 'shop/deployer'")
    assert page.locator(".search .listbox").is_hidden()


def test_escape_closes_and_enter_shows_everything(opened: Opened, sample: str) -> None:
    """Escape closes the answers, Enter without a choice lists all that was found."""
    page = opened(sample)
    page.locator("#search").fill("shop")
    assert page.locator("#search").get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert page.locator("#search").get_attribute("aria-expanded") == "false"
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.hash.startsWith('#/search?q=shop')")
    assert page.locator("main .tabs a").count() >= 3


def test_search_finds_by_every_way_to_name_somebody(opened: Opened, sample: str) -> None:
    """Short names of resources, user names of service accounts, several words."""
    page = opened(sample)
    for text, wanted in [
        ("deploy apps", "deployments.apps"),
        ("system:serviceaccount:shop:deployer", "shop/deployer"),
        ("cm", "configmaps"),
    ]:
        page.locator("#search").fill(text)
        assert wanted in page.locator("[role=listbox]:visible").inner_text()
    page.locator("#search").fill("no such thing at all")
    assert page.locator("[role=listbox]:visible").inner_text() == "Nothing has this name."


def test_answers_the_question_with_evidence(opened: Opened, sample: str) -> None:
    """Yes by an ABAC line with its place, no, and what no says."""
    page = opened(f"{sample}#/ask?who=bob&verb=get&resource=pods&ns=projectCaribou")
    assert page.locator(".verdict .word").inner_text() == "Yes"
    assert "bob.jsonl:2" in page.locator(".grants").inner_text()
    page.locator("input[name=verb]").fill("delete")
    page.locator("button[type=submit]").click()
    page.wait_for_function("() => document.querySelector('.verdict .word').textContent === 'No'")
    assert "verb=delete" in page.url


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("resource=deploy&ns=shop", "get deployments.apps in shop"),
        ("resource=po&ns=shop&sub=log", "get pods/log in shop"),
        ("resource=pods/log&ns=shop&name=web", "get pods/log named web in shop"),
        ("resource=Node&ns=shop", "get nodes at the cluster scope"),
        ("resource=widgets.example.com&ns=shop", "get widgets.example.com in shop"),
        ("resource=/healthz&ns=shop", "get /healthz"),
    ],
)
def test_reads_resources_as_people_write_them(opened: Opened, sample: str, asked: str, wanted: str) -> None:
    """Plural, short name, kind, group, subresource, path; a namespace only counts where the resource has one."""
    page = opened(f"{sample}#/ask?who=eve&verb=get&{asked}")
    assert page.locator(".verdict p").nth(1).inner_text().split(" – ")[1] == wanted


def test_takes_groups_that_are_known(opened: Opened, sample: str) -> None:
    """dora is a developer by the identities file, and may what developers may."""
    page = opened(f"{sample}#/ask?who=dora&verb=patch&resource=deployments&ns=shop")
    assert page.locator(".verdict .word").inner_text() == "Yes"
    assert "shop.yaml:11" in page.locator(".grants").inner_text()


def test_says_unknown_and_why(opened: Opened, tmp_path: Path) -> None:
    """A webhook that nobody asked and policy that nobody read make a no unknown."""
    document = sample_document()
    document["chain"] = [{"type": "Webhook", "name": "hook"}, *document["chain"]]
    page = opened(write_page(tmp_path, document) + "#/ask?who=eve&verb=get&resource=secrets&ns=shop")
    assert page.locator(".verdict .word").inner_text() == "Unknown"
    assert "hook was not asked" in page.locator(".doubts").inner_text()
    document["chain"] = document["chain"][1:]
    document["gaps"] = ["roles of shop could not be read"]
    page = opened(write_page(tmp_path, document) + "#/ask?who=eve&verb=get&resource=secrets&ns=shop")
    assert page.locator(".verdict .word").inner_text() == "Unknown"
    assert "could not be read" in page.locator(".doubts").inner_text()
    go(page, "#/ask?who=bob&verb=get&resource=pods&ns=projectCaribou")
    page.wait_for_function("() => document.querySelector('.verdict .word').textContent === 'Yes'")


def test_who_can_lists_holders(opened: Opened, sample: str) -> None:
    """Without a subject the answer is everybody, those by name only included when they are asked for."""
    page = opened(f"{sample}#/ask?verb=get&resource=secrets&ns=shop&name=any")
    text = page.locator(".answer").inner_text()
    assert "shop/deployer" in text
    assert "only named registry" in text
    assert "system:masters" in text


def test_back_and_forward(opened: Opened, sample: str) -> None:
    """Every view is a step of the browser's history."""
    page = opened(sample)
    go(page, "#/namespace/shop")
    go(page, "#/role/Role/shop/developer")
    page.go_back()
    page.wait_for_function("() => document.querySelector('main h1').textContent === 'shop'")
    page.go_back()
    page.wait_for_function("() => document.querySelector('main h1').textContent === 'Who may do what'")
    page.go_forward()
    page.wait_for_function("() => document.querySelector('main h1').textContent === 'shop'")


def test_a_new_view_gets_the_focus(opened: Opened, sample: str) -> None:
    """Who reads with a screen reader is taken to the content and hears its title; tabs keep the focus where it is."""
    page = opened(sample)
    go(page, "#/namespace/shop")
    page.wait_for_function("() => document.activeElement.id === 'main'")
    assert page.locator("#announce").inner_text() == "Namespace shop"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_keys(opened: Opened, sample: str) -> None:
    """The keys of the help do what it says."""
    page = opened(sample)
    page.keyboard.press("?")
    assert page.locator("dialog").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("dialog").is_hidden()
    for keys, wanted in [("gf", "Findings"), ("ga", "May they?"), ("gp", "Attack paths"), ("go", "Who may do what")]:
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_function("wanted => document.querySelector('main h1').textContent === wanted", arg=wanted)
    page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.reload()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_theme(opened: Opened, sample: str) -> None:
    """As the system says, until somebody chooses."""
    page = opened(sample, theme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.keyboard.press("t")
    light = page.evaluate(ground)
    assert dark != light
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert page.evaluate(ground) == light


def test_findings_are_filtered_by_link_and_by_hand(opened: Opened, sample: str) -> None:
    """Severity, rule, namespace and subject; the address says what is shown."""
    page = opened(f"{sample}#/findings")
    page.locator(".severity-tile.severity-high").click()
    page.wait_for_selector(".severity-tile.severity-high[aria-current]")
    assert "severity=high" in page.url
    badges = page.locator(".finding .badge").all_inner_texts()
    assert badges and set(badges) == {"high"}
    page.locator(".finding .what a").first.click()
    page.wait_for_function("() => location.hash.startsWith('#/finding/RL')")
    assert "What to do" in page.locator("main").inner_text()
    go(page, "#/findings?who=group:leads&all=1")
    page.wait_for_function("() => document.querySelector('#filter-who')?.value === 'group:leads'")
    assert page.locator(".finding").count() > 0
    assert all("leads" in text for text in page.locator(".finding").all_inner_texts())
    page.locator("#filter-ns").select_option("shop")
    page.wait_for_function("() => location.hash.includes('ns=shop')")


def test_filters_and_tabs_keep_the_focus(opened: Opened, sample: str) -> None:
    """Whoever changes a filter or tab by keyboard stays on it, though the view is made anew."""
    page = opened(f"{sample}#/findings")
    page.locator("#filter-ns").focus()
    page.locator("#filter-ns").select_option("shop")
    page.wait_for_function("() => location.hash.includes('ns=shop') && document.activeElement.id === 'filter-ns'")
    go(page, "#/namespace/shop")
    page.locator(".tabs a").nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.matches('.tabs [aria-current]') && location.hash.includes('tab=bindings')")
    go(page, "#/ask?verb=get&resource=pods")
    page.locator("#ask-who").fill("bob")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.verdict') && document.activeElement.id === 'ask-who'")
    assert page.locator("[role=listbox]:visible").count() == 0


def test_the_overview_says_who_reaches_what(opened: Opened, sample: str) -> None:
    """The drawing and its table: cluster-wide grants everywhere, others where they are, service accounts by where they come from."""
    page = opened(sample)
    page.wait_for_selector("canvas.heat")
    assert "by 3 columns of namespaces" in str(page.locator("canvas.heat").get_attribute("aria-label"))
    page.locator(".heat-section summary").click()
    page.wait_for_selector(".heat-section .row")
    rows = [" ".join(text.split()) for text in page.locator(".heat-section .row").all_inner_texts()]
    assert "oncall reads everywhere" in rows
    assert "alice everything in 1 namespace" in rows
    assert "service accounts, in their own namespace sensitive in 1 namespace" in rows
    page.locator("canvas.heat").hover(position={"x": 330, "y": 35})
    assert "reads in shop" in " ".join(page.locator(".heat-info").inner_text().split())


def test_paths_step_by_step(opened: Opened, sample: str) -> None:
    """The list leaves out what is closed; a path shows each step, the request and the place."""
    page = opened(f"{sample}#/paths")
    assert page.locator("main .rows .row").count() == 1
    page.locator("#filter-closed").check()
    page.wait_for_function("() => document.querySelectorAll('main .rows .row').length === 2")
    page.locator("main .rows a").first.click()
    page.wait_for_function("() => document.querySelectorAll('.step').length === 3")
    text = page.locator(".steps").inner_text()
    assert "kubectl -n shop create deployment" in text
    assert "policies/shop.yaml:49" in text
    assert "Closed: pod security forbids it" in text


def test_graph_draws_and_follows(opened: Opened, sample: str) -> None:
    """A node for each thing, the ways through a selected one, and the same as a list."""
    page = opened(f"{sample}#/subject/sa%3Ashop%2Fdeployer?tab=graph")
    page.wait_for_function("() => document.querySelector('.graph').cytoscape")
    labels = page.evaluate("document.querySelector('.graph').cytoscape.nodes().map(node => node.data('label'))")
    assert {"shop/deployer", "deployer", "get secrets named registry"} <= set(labels)
    page.evaluate("document.querySelector('.graph').cytoscape.$('node[kind = \"binding\"]').last().emit('tap')")
    assert "binding" in page.locator(".graph-info").inner_text()
    page.locator(".outline summary").click()
    page.wait_for_selector(".outline li")
    assert "get secrets named registry" in page.locator(".outline").inner_text()


def test_without_an_audit_it_says_so(opened: Opened, tmp_path: Path) -> None:
    """No findings because nobody looked is not the same as no findings."""
    page = opened(write_page(tmp_path, sample_document(verdict=None)) + "#/findings")
    assert "Nobody has looked" in page.locator("main").inner_text()


def test_an_empty_policy_has_its_own_words(opened: Opened, tmp_path: Path) -> None:
    """Nothing at all is a page too."""
    from rbaclens.explorer.data import Shown, explorer_data
    from rbaclens.model.policy import PolicySet

    page = opened(write_page(tmp_path, explorer_data(Engine(PolicySet()), Shown())))
    page.wait_for_selector(".heat-section .empty")
    for address in ("#/findings", "#/paths", "#/search", "#/ask?who=bob&verb=get&resource=pods"):
        go(page, address)
        page.wait_for_selector("main .view")
    assert page.locator(".verdict .word").inner_text() == "No"


def axe_script() -> str:
    """axe-core, as ``make test-tools`` fetches it."""
    if not AXE.is_file():
        pytest.skip("no axe-core in .cache (make test-tools fetches it)")
    return AXE.read_text("utf-8")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (320, "dark")])
def test_axe_finds_nothing(opened: Opened, sample: str, width: int, theme: str) -> None:
    """axe-core's rules of WCAG 2.2 A and AA and its best practices, on every view."""
    script = axe_script()
    found = []
    page = opened(sample, width=width, theme=theme, bypass_csp=True)
    page.evaluate(script)
    for address in HASHES:
        go(page, address)
        page.wait_for_selector("main .view")
        open_details(page)
        result = page.evaluate("axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })")
        found += [
            (address, one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"][:300]) for one in result["violations"]
        ]
    assert found == []

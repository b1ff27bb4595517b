"""Pages to look at in tests: the sample policies with everything on them, and a policy of hostile names."""

import datetime
from pathlib import Path
from typing import Any

from rbaclens.audit.judging import judge
from rbaclens.audit.run import audit
from rbaclens.audit.settings import Settings
from rbaclens.audit.verdict import Verdict
from rbaclens.explorer.data import Shown, explorer_data
from rbaclens.explorer.page import page_text
from rbaclens.explorer.paths import AttackPath, AttackStep
from rbaclens.index.engine import Engine
from rbaclens.requests.resources import ResourceCatalogue
from rbaclens.sources import Objects, assemble, load

POLICIES = Path(__file__).resolve().parents[2] / "policies"
BOOTSTRAP = assemble(Objects())
SAMPLE_PATHS = (
    AttackPath(
        "sa:shop/deployer",
        "cluster-admin",
        3,
        (
            AttackStep(
                *("sa:shop/deployer", "a pod in shop", "create-workload", "Start a pod by a Deployment"),
                *("kubectl -n shop create deployment x --image=x", "RoleBinding shop/deployer", "policies/shop.yaml", 49),
            ),
            AttackStep("a pod in shop", "cluster-admin", "node-escape", "Leave the pod for its node", closed="pod security forbids it"),
        ),
    ),
    AttackPath("group:leads", "all of shop", 1, (AttackStep("group:leads", "all of shop", "bind-admin", "Bind admin in the namespace"),)),
)


def verdict_on(engine: Engine) -> Verdict:
    """All rules on a policy, with no settings, on a day that does not change."""
    return judge(audit(engine, BOOTSTRAP), Settings(), engine.policy, datetime.date(2026, 1, 1))


def sample_document(**changes: Any) -> dict[str, Any]:
    """The document of the sample policies."""
    engine = Engine(load([str(POLICIES)]))
    resources = ResourceCatalogue(engine.policy).resources
    shown = {
        "title": "./policies",
        "program": "test",
        "bootstrap": BOOTSTRAP,
        "resources": resources,
        "verdict": verdict_on(engine),
        "paths": SAMPLE_PATHS,
        "identities": {"dora": ("devs", "leads")},
    }
    return explorer_data(engine, Shown(**{**shown, **changes}))


def write_page(folder: Path, document: dict[str, Any]) -> str:
    """The page in a file; its address."""
    file = folder / "explorer.html"
    file.write_text(page_text(document), "utf-8")
    return file.as_uri()


HASHES = (
    "#/",
    "#/ask",
    "#/ask?who=bob&verb=get&resource=pods&ns=projectCaribou",
    "#/ask?who=eve&verb=get&resource=pods&ns=shop",
    "#/ask?verb=get&resource=secrets&ns=shop&name=any",
    "#/subject/sa%3Ashop%2Fdeployer",
    "#/subject/group%3Adevs?tab=graph",
    "#/subject/group%3Asystem%3Amasters",
    "#/subject/sa%3Ashop%2Fdeployer?tab=findings",
    "#/subject/sa%3Ashop%2Fdeployer?tab=paths",
    "#/role/Role/shop/developer",
    "#/role/ClusterRole//admin?tab=holders",
    "#/role/ClusterRole//edit?tab=graph",
    "#/binding/RoleBinding/shop/developers",
    "#/resource//secrets",
    "#/resource/apps/deployments?ns=shop&all=1",
    "#/resource//pods?tab=graph",
    "#/namespace/shop",
    "#/namespace/shop?tab=bindings",
    "#/namespace/shop?tab=graph",
    "#/findings",
    "#/findings?severity=high",
    "#/paths",
    "#/paths?p=0",
    "#/search?q=shop",
    "#/search",
    "#/nowhere",
)
"""Every view."""

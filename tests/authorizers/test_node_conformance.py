"""Kubelets' requests against what a real API server decided (modes Node,RBAC)."""

import json
from pathlib import Path

import msgspec
import pytest

from rbaclens.authorizers.node import NodeAuthorizer
from rbaclens.authorizers.reference.node import decide_node
from rbaclens.model.decision import Verdict
from rbaclens.model.location import Origin
from rbaclens.model.request import Request
from rbaclens.model.volumes import PersistentVolume
from rbaclens.model.workloads import NodeGraphObjects, Placed, Pod, PodCertificateRequest, ResourceSlice, VolumeAttachment
from rbaclens.requests.selectors import SelectorTerm, field_requirements_from_review

CORPUS = Path(__file__).parent.parent / "conformance"
FOLDERS = sorted(CORPUS.glob("node-*"))
KINDS = {
    "Pod": ("pods", Pod),
    "PersistentVolume": ("persistent_volumes", PersistentVolume),
    "VolumeAttachment": ("volume_attachments", VolumeAttachment),
    "ResourceSlice": ("resource_slices", ResourceSlice),
    "PodCertificateRequest": ("pod_certificate_requests", PodCertificateRequest),
}


def load_objects(folder):
    found = {}
    for number, item in enumerate(json.loads((folder / "objects.json").read_text())["items"]):
        if item["kind"] in KINDS:
            field, kind = KINDS[item["kind"]]
            found.setdefault(field, []).append(Placed(msgspec.convert(item, type=kind), Origin("objects.json", 0, ("items", number))))
    return NodeGraphObjects(**{field: tuple(objects) for field, objects in found.items()})


def load_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def to_request(review):
    spec = review["spec"]
    user, groups = spec.get("user", ""), tuple(spec.get("groups", ()))
    if "nonResourceAttributes" in spec:
        attributes = spec["nonResourceAttributes"]
        return Request(attributes.get("verb", ""), path=attributes.get("path", ""), user=user, groups=groups)
    attributes = spec["resourceAttributes"]
    selector = attributes.get("fieldSelector", {})
    terms = [SelectorTerm(t["key"], t["operator"], tuple(t.get("values") or ())) for t in selector.get("requirements", ())]
    return Request(
        verb=attributes.get("verb", ""),
        resource=attributes.get("resource", ""),
        api_group=attributes.get("group", ""),
        subresource=attributes.get("subresource", ""),
        namespace=attributes.get("namespace", ""),
        name=attributes.get("name", ""),
        user=user,
        groups=groups,
        field_selector=field_requirements_from_review(selector.get("rawSelector", ""), terms)[0],
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@pytest.mark.parametrize("engine", ["production", "reference"])
def test_recorded_decisions(folder, engine):
    """Both evaluators agree with every recorded allow of the node authorizer and every recorded no, reasons included.

    An allow whose reason says RBAC is one on which the node authorizer had no opinion.
    """
    objects = load_objects(folder)
    decide = NodeAuthorizer(objects).authorize if engine == "production" else lambda request: decide_node(objects, request)
    wrong = []
    for review, status in zip(load_lines(folder / "requests.jsonl"), load_lines(folder / "expected.jsonl"), strict=True):
        opinion = decide(to_request(review))
        reason = status.get("reason", "")
        by_rbac = status["allowed"] and reason.startswith("RBAC: allowed by ")
        expected = (Verdict.ALLOW if status["allowed"] and not by_rbac else Verdict.NO_OPINION, reason)
        if opinion.verdict is not expected[0] or (not by_rbac and opinion.reason != reason):
            wrong.append((review["spec"], status, opinion))
    assert wrong == []


def test_recordings_are_there():
    """The corpus is part of the project."""
    assert FOLDERS

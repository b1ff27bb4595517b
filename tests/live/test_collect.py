"""Collecting: everything that may be read, in pages, through a server's moods; what may not be read is named."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from apiserver import ADMIN, ApiServer, Fault, Identity, status_object, stored_objects

from rbaclens import sources
from rbaclens.errors import ClusterError
from rbaclens.index.engine import Engine
from rbaclens.live import paging, retry
from rbaclens.live.collect import Collected, collect, to_policy
from rbaclens.live.connection import connect
from rbaclens.live.paging import Lister
from rbaclens.live.replies import BrokenConnectionError, RefusedError, UnreachableError
from rbaclens.live.retry import Retrying
from rbaclens.model.decision import Answer
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.sources import wire

RECORDINGS = Path(__file__).parent.parent / "conformance"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
BUSY = status_object(429, "TooManyRequests", "slow down")
BOB = Identity("bob", ("system:authenticated",))


def namespace(name: str) -> dict:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def role(namespace: str, name: str, resource: str = "pods") -> dict:
    rules = [{"apiGroups": [""], "resources": [resource], "verbs": ["get"]}]
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta, "rules": rules}


def binding(namespace: str, name: str, user: str = "bob") -> dict:
    subjects = [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": user}]
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": meta, "subjects": subjects, "roleRef": ref}


SMALL = [namespace("a"), namespace("b"), *(role(ns, "r") for ns in "ab"), *(binding(ns, "r") for ns in "ab")]


@pytest.fixture(autouse=True)
def impatient(monkeypatch) -> Iterator[list[float]]:
    """No test waits: what would be waited is noted."""
    waits: list[float] = []
    monkeypatch.setattr(retry.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(Retrying.__init__, "__kwdefaults__", {"attempts": 5, "sleep": waits.append, "jitter": random.random})
    yield waits


def collected(server: ApiServer, folder: Path, token: str = "admin-token", **options) -> Collected:  # noqa: S107
    """Everything of the server."""
    with connect(str(server.kubeconfig(folder, token=token)), timeout=10) as connection:
        return collect(connection, **options)


def policy(server: ApiServer, folder: Path, **options) -> PolicySet:
    return to_policy(collected(server, folder, name="cluster:test", **options), "cluster:test")


def shape(policy: PolicySet) -> tuple:
    """What a policy says, without where it stands."""
    roles = {(one.kind, one.namespace, one.name, tuple(sorted(map(repr, one.rules)))) for one in policy.roles}
    bindings = {(one.kind, one.namespace, one.name, one.subjects, one.role_ref) for one in policy.bindings}
    plain = {(one.kind, one.namespace, one.name) for one in (*policy.namespaces, *policy.service_accounts, *policy.nodes)}
    graph = {repr(one.obj) for name in policy.node_graph.__struct_fields__ for one in getattr(policy.node_graph, name)}
    return roles, bindings, plain, {re.sub("resource_version='[0-9]*'", "", text) for text in graph}


@pytest.mark.parametrize("limit", [1, 7, 500])
def test_a_cluster_gives_the_same_policy_as_its_objects_in_a_file(tmp_path, limit) -> None:
    """Pages of any size, decoded straight from the wire, say what the same objects in a file say."""
    objects = stored_objects(RECORDINGS / "rbac-101")
    (tmp_path / "objects.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    expected = sources.load([str(tmp_path / "objects.json")])
    with ApiServer(objects) as server:
        found = policy(server, tmp_path, limit=limit)
    assert shape(found) == shape(expected)
    assert found.gaps == ()
    assert {str(found.locate(one.origin)) for one in found.roles} == {"cluster:test"}


def test_the_node_graph_comes_along(tmp_path) -> None:
    """Pods, volumes, attachments and slices are collected, in whatever version the server has them."""
    written = json.loads((RECORDINGS / "node-101" / "objects.json").read_text())
    written = written["items"] if isinstance(written, dict) else written
    known = {"Namespace", "ServiceAccount", "Node", "Pod", "PersistentVolume", "VolumeAttachment", "ResourceSlice", "ClusterRole"}
    objects = [one for one in written if one["kind"] in known]
    (tmp_path / "objects.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    expected = sources.load([str(tmp_path / "objects.json")], bootstrap=False)
    with ApiServer(objects) as server:
        assert shape(policy(server, tmp_path)) == shape(expected)
        assert shape(to_policy(collected(server, tmp_path), "cluster:test")) == shape(expected)
        without = policy(server, tmp_path, node_graph=False)
    assert without.node_graph.pods == ()
    assert without.nodes


@pytest.mark.parametrize("recording", ["rbac-102", "rbac-103"])
def test_answers_from_a_cluster_are_those_that_were_recorded(tmp_path, recording) -> None:
    """What is collected decides as the real server did that the objects come from."""
    from rbaclens.requests.review import parse_review

    with ApiServer(stored_objects(RECORDINGS / recording)) as server:
        engine = Engine(policy(server, tmp_path))
    requests = (RECORDINGS / recording / "requests.jsonl").read_bytes().splitlines()
    expected = (RECORDINGS / recording / "expected.jsonl").read_text().splitlines()
    for request, status in list(zip(requests, expected, strict=True))[::7]:
        assert engine.decide(parse_review(request).request).allowed == json.loads(status)["allowed"]


def test_stored_rules_count_not_those_that_the_controller_will_write(tmp_path) -> None:
    """The server decides by what it stores: an aggregated role that lags behind is taken as it is, with a notice."""
    selector = {"clusterRoleSelectors": [{"matchLabels": {"to": "all"}}]}
    head = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
    rules = role("x", "y")["rules"]
    part = {**head, "metadata": {"name": "part", "labels": {"to": "all"}}, "rules": rules}
    stale = {**head, "metadata": {"name": "all"}, "aggregationRule": selector, "rules": []}
    with ApiServer([part, stale]) as server:
        found = policy(server, tmp_path)
        assert [one.rules for one in found.roles if one.name == "all"] == [()]
        assert any("ClusterRole all" in notice.message for notice in found.notices)
        server.publish("MODIFIED", {**stale, "rules": rules})
        found = policy(server, tmp_path)
        [filled] = [one for one in found.roles if one.name == "all"]
        assert filled.gathered[0].role.name == "part"
        assert found.notices == ()


def test_a_list_that_expires_begins_again(tmp_path) -> None:
    """410 in the middle: what was read is dropped, and nothing is missing or twice."""
    objects = [role("a", f"r{number:03}") for number in range(30)]
    counted: list[int] = []
    with ApiServer(objects) as server, connect(str(server.kubeconfig(tmp_path))) as connection:
        server.faults.append(
            Fault(410, path=f"{RBAC}/roles", body=status_object(410, "Expired", "too old"), when=lambda r: "continue" in r.query)
        )
        listing = Lister(wire.Role).list(
            connection, f"{RBAC}/roles", limit=7, on_page=lambda page: counted.append(len(page)), on_restart=counted.clear
        )
        assert [one.metadata.name for one in listing.items] == [f"r{number:03}" for number in range(30)]
        assert sum(counted) == 30
        # one that always expires is read in one piece in the end
        server.faults.append(Fault(410, times=99, body=status_object(410, "Expired", "too old"), when=lambda r: "continue" in r.query))
        assert len(Lister(wire.Role).list(connection, f"{RBAC}/roles", limit=7).items) == 30
        assert "limit" not in server.received[-1].query
        assert listing.resource_version == str(server.store.version)


def test_changes_between_pages_do_not_show(tmp_path) -> None:
    """The server's continue token keeps a list at one moment; we keep nothing from another one."""
    objects = [role("a", f"r{number}") for number in range(4)]
    with ApiServer(objects) as server, connect(str(server.kubeconfig(tmp_path))) as connection:

        def change(_: object) -> None:
            server.store.put("ADDED", role("a", "r0000"))

        listing = Lister(wire.Role).list(connection, f"{RBAC}/roles", limit=2, on_page=change)
    assert [one.metadata.name for one in listing.items] == ["r0", "r1", "r2", "r3"]


def test_a_busy_server_is_given_the_time_that_it_asks_for(tmp_path, impatient) -> None:
    """429 and 5xx pass: Retry-After is honoured, otherwise the waits grow."""
    with ApiServer(SMALL) as server:
        server.faults += [Fault(429, path=f"{RBAC}/roles", body=BUSY, headers={"Retry-After": "7"})]
        server.faults += [Fault(503, path=f"{RBAC}/clusterroles", times=3)]
        found = policy(server, tmp_path)
    assert found.gaps == ()
    assert 7.0 in impatient
    grown = [wait for wait in impatient if wait != 7.0]
    assert len(grown) == 3
    assert 0.125 <= grown[0] < 0.375 < grown[2] <= 1.5


def test_cut_connections_are_tried_again(tmp_path) -> None:
    """A connection that breaks in the middle of a page costs nothing but time."""
    with ApiServer(SMALL) as server:
        server.faults += [Fault(path=f"{RBAC}/roles", cut=0), Fault(path=f"{RBAC}/rolebindings", cut=30)]
        found = policy(server, tmp_path)
    assert (len(found.roles), len(found.bindings), found.gaps) == (2, 2, ())


def test_patience_ends(tmp_path, impatient) -> None:
    """A kind that never comes is a gap; a server that is not there at all is an error at once."""
    with ApiServer(SMALL) as server:
        server.faults.append(Fault(503, path=f"{RBAC}/roles", times=99, body=status_object(503, "Unavailable", "down")))
        assert policy(server, tmp_path).gaps == ("roles could not be listed (HTTP 503): every no is unknown",)
        server.faults[:] = [Fault(path=f"{RBAC}/roles", times=99, cut=0)]
        with pytest.raises(BrokenConnectionError):
            policy(server, tmp_path)
        path = str(server.kubeconfig(tmp_path))
    impatient.clear()
    with connect(path) as connection, pytest.raises(UnreachableError):
        collect(connection)
    assert impatient == []


def test_expired_credentials_end_it(tmp_path) -> None:
    """401 is an error, not an empty policy."""
    with ApiServer(SMALL) as server, pytest.raises(RefusedError, match="credentials"):
        collected(server, tmp_path, token="old")
    with ApiServer(SMALL) as server:
        server.faults.append(Fault(401, path=f"{RBAC}/rolebindings", body=status_object(401, "Unauthorized", "no")))
        with pytest.raises(ClusterError, match="credentials"):
            collected(server, tmp_path)


def test_what_may_not_be_listed_is_named_and_makes_no_unknown(tmp_path) -> None:
    """Missing ClusterRoles turn a no into unknown and leave a yes."""
    with ApiServer(SMALL) as server:
        server.forbid(f"{RBAC}/clusterroles", "/api/v1/pods", "/api/v1/nodes", "/api/v1/serviceaccounts")
        found = policy(server, tmp_path)
    assert found.gaps == ("clusterroles may not be listed: every no is unknown",)
    notices = " | ".join(notice.message for notice in found.notices)
    assert "pods may not be listed: answers about nodes" in notices
    assert "nodes may not be listed" in notices
    engine = Engine(found)
    assert engine.decide(Request("get", "pods", namespace="a", user="bob")).answer is Answer.YES
    assert engine.decide(Request("get", "secrets", namespace="a", user="bob")).answer is Answer.UNKNOWN


def only(*namespaces: str, names: bool = True):
    """An ``allow`` for somebody who may read roles and bindings in these namespaces only."""

    def allow(request) -> bool:
        if request.method == "POST" or request.path in ("/api", "/apis", "/version"):
            return True
        if request.path == "/api/v1/namespaces":
            return names
        return any(f"/namespaces/{name}/" in request.path for name in namespaces)

    return allow


def test_with_rights_in_a_namespace_it_works_there(tmp_path) -> None:
    """What may be read in namespaces is read there: those listed, the context's own, or those asked for."""
    with ApiServer(SMALL, allow=only("a"), tokens={"t": BOB}) as server:
        found = to_policy(collected(server, tmp_path, token="t"), "cluster:test")
        assert {one.namespace for one in found.roles} == {"a"}
        assert "roles may be listed in a only: every no is unknown" in found.gaps
        assert "clusterrolebindings may not be listed: every no is unknown" in found.gaps
    for options in ({"own_namespace": "b"}, {"namespaces": ("b",)}):
        with ApiServer(SMALL, allow=only("a", "b", names=False), tokens={"t": BOB}) as server:
            found = to_policy(collected(server, tmp_path, token="t", **options), "cluster:test")
            assert {one.namespace for one in found.bindings} == {"b"}


def test_with_no_rights_at_all_the_server_answers_for_oneself(tmp_path) -> None:
    """SelfSubjectRulesReview: a yes for oneself is certain, everything else unknown."""
    rules = {
        "resourceRules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}],
        "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["/healthz"]}],
        "incomplete": False,
    }
    with ApiServer(
        SMALL, allow=only(names=False), tokens={"t": BOB}, rules=lambda who, namespace: rules if namespace == "a" else {}
    ) as server:
        found = to_policy(collected(server, tmp_path, token="t", own_namespace="a", name="cluster:test"), "cluster:test")
    engine = Engine(found)
    own = {"user": "bob", "groups": ("system:authenticated",)}
    assert engine.decide(Request("get", "pods", namespace="a", **own)).answer is Answer.YES
    assert engine.decide(Request("get", path="/healthz", **own)).answer is Answer.YES
    assert engine.decide(Request("get", "pods", namespace="b", **own)).answer is Answer.UNKNOWN
    assert engine.decide(Request("get", "pods", namespace="a", user="eve")).answer is Answer.UNKNOWN
    assert len(found.gaps) == 4


def test_a_server_that_does_not_even_say_who_one_is(tmp_path) -> None:
    """Without SelfSubjectReview there are gaps and a notice, and no error."""
    with ApiServer(SMALL, allow=only(names=False), tokens={"t": BOB}) as server:
        server.faults.append(Fault(404, path="/apis/authentication.k8s.io", times=9, body=status_object(404, "NotFound", "no such thing")))
        found = collected(server, tmp_path, token="t")
    assert len(found.gaps) == 4
    assert any("does not say what you may do" in text for text in found.notices)


def test_what_a_server_does_not_serve_is_no_gap(tmp_path) -> None:
    """A cluster without volume attachments has none."""
    with ApiServer(SMALL) as server:
        server.faults.append(Fault(404, path="/apis/storage.k8s.io", body=status_object(404, "NotFound", "no")))
        assert collected(server, tmp_path).notices == []


def test_discovery_may_be_refused(tmp_path) -> None:
    """Without discovery the built-in resources are still known."""
    with ApiServer(SMALL) as server:
        server.forbid("/api")
        found = collected(server, tmp_path)
    assert found.resources == ()
    assert any("discovered" in text for text in found.notices)
    assert found.gaps == []


def test_progress_and_versions(tmp_path) -> None:
    """Every object is told of, and each list's version is there for a watch to go on from."""
    told: dict[str, int] = {}
    with ApiServer(SMALL) as server:
        found = collected(server, tmp_path, progress=lambda what, number: told.update({what: told.get(what, 0) + number}))
        assert told["roles"] == 2
        assert found.versions["roles"] == str(server.store.version)
        assert found.server_version == "v1.36.0"


def test_only_lists_and_reviews_are_ever_sent(tmp_path) -> None:
    """Nothing is written, whoever asks, and every list is limited."""
    with ApiServer(SMALL, tokens={"t": BOB, "admin": ADMIN}, allow=lambda r: r.identity is ADMIN) as server:
        collected(server, tmp_path, token="admin")
        collected(server, tmp_path, token="t")
        methods = {(one.method, one.path.rpartition("/")[2]) for one in server.received if one.method != "GET"}
        assert methods == {("POST", "selfsubjectreviews")}
        lists = [one for one in server.received if one.method == "GET" and len(one.path.split("/")) > 3]
        assert {one.query.get("limit") for one in lists} == {str(paging.LIMIT)}


@pytest.mark.parametrize("body", [b"no json", b'{"items": [{"rules": 7}]}', b'{"items": {}}', b'{"metadata": []}', b"[" * 100_000])
def test_nonsense_is_an_error_of_ours(tmp_path, body) -> None:
    """Whatever a server says, no foreign error comes out."""
    with ApiServer(SMALL) as server:
        server.faults.append(Fault(200, path=f"{RBAC}/roles", body=body))
        with pytest.raises(ClusterError, match="something else than expected"):
            collected(server, tmp_path)

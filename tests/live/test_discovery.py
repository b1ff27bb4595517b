"""Discovery: the same resources by either way."""

from pathlib import Path

import pytest
from apiserver import ApiServer, Fault, status_object

from rbaclens.facts.resources import api_resources
from rbaclens.live.connection import connect
from rbaclens.live.discovery import Discovery, discover, server_version
from rbaclens.live.replies import RefusedError
from rbaclens.model.resources import ApiResource

WIDGETS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wd"]},
        "versions": [
            {"name": "v2", "served": True, "subresources": {"status": {}}},
            {"name": "v1", "served": True},
            {"name": "v0", "served": False},
        ],
    },
}


def discovered(server: ApiServer, folder: Path) -> Discovery:
    """What the server serves."""
    with connect(str(server.kubeconfig(folder))) as connection:
        return discover(connection)


def comparable(one: ApiResource) -> tuple:
    """Everything that both ways tell, orders aside."""
    subs = sorted((sub.name, sub.kind, tuple(sorted(sub.verbs))) for sub in one.subresources)
    names = (tuple(sorted(one.short_names)), tuple(sorted(one.categories)))
    return one.group, one.version, one.resource, one.kind, one.singular, *names, one.namespaced, tuple(sorted(one.verbs)), tuple(subs)


@pytest.mark.parametrize("aggregated", [True, False])
def test_everything_served_is_found(tmp_path, aggregated) -> None:
    """Built-in and custom resources come with names, scope, verbs and subresources, whichever discovery the server has."""
    with ApiServer([WIDGETS], aggregated=aggregated) as server:
        found = discovered(server, tmp_path)
        assert server.targets()[:2] == (["GET /api", "GET /apis"] if aggregated else ["GET /api", "GET /api/v1"])
    built_in = [one for one in found.resources if one.group != "example.com"]
    assert {comparable(one) for one in built_in} == {comparable(one) for one in api_resources()}
    widgets = [one for one in found.resources if one.group == "example.com"]
    assert [(one.version, one.preferred, [sub.name for sub in one.subresources]) for one in widgets] == [
        ("v2", True, ["status"]),
        ("v1", False, []),
    ]
    assert widgets[0].short_names == ("wd",)
    assert found.problems == ()


def test_the_preferred_version_is_the_first_that_has_the_resource(tmp_path) -> None:
    """Only one version of a resource is preferred, in each group."""
    for aggregated in (True, False):
        with ApiServer(aggregated=aggregated) as server:
            preferred = [(one.group, one.resource) for one in discovered(server, tmp_path).resources if one.preferred]
        assert len(preferred) == len(set(preferred))
        assert set(preferred) == {(one.group, one.resource) for one in api_resources()}


def test_a_group_whose_server_is_down_is_named(tmp_path) -> None:
    """One broken aggregated API does not hide the others."""
    with ApiServer([WIDGETS], aggregated=False) as server:
        server.faults.append(Fault(503, path="/apis/example.com/v2", body=status_object(503, "ServiceUnavailable", "down")))
        found = discovered(server, tmp_path)
    assert found.problems == ("example.com/v2: its resources are not known (HTTP 503)",)
    assert [one.version for one in found.resources if one.group == "example.com"] == ["v1"]


def test_stale_groups_are_named(tmp_path) -> None:
    """Aggregated discovery says itself what it could not refresh."""
    body = {
        "kind": "APIGroupDiscoveryList",
        "items": [
            {"metadata": {"name": "metrics.k8s.io"}, "versions": [{"version": "v1", "freshness": "Stale"}]},
            {"metadata": {"name": "odd"}, "versions": [{"version": "v1", "resources": [{"resource": "things", "responseKind": None}]}]},
        ],
    }
    with ApiServer() as server:
        server.faults.append(Fault(200, path="/apis", body=body))
        found = discovered(server, tmp_path)
    assert found.problems == ("metrics.k8s.io/v1: its server does not answer; its resources may be incomplete",)
    assert found.resources[-1].resource == "things"


def test_a_refused_discovery_is_refused(tmp_path) -> None:
    """Whether that matters is for the caller to say."""
    with ApiServer() as server:
        server.forbid("/apis")
        with pytest.raises(RefusedError):
            discovered(server, tmp_path)


@pytest.mark.parametrize(
    "body", [b"not json", b"[]", b'{"kind": "APIGroupDiscoveryList", "items": [7]}', b'{"groups": "x"}', b"[" * 100_000]
)
def test_nonsense_is_an_error_of_ours(tmp_path, body) -> None:
    """Whatever a server says, no foreign error comes out."""
    with ApiServer() as server:
        server.faults.append(Fault(200, path="/api", body=body))
        with pytest.raises(RefusedError, match="something else than expected"):
            discovered(server, tmp_path)


def test_version(tmp_path) -> None:
    """The version is a convenience: without it there is an empty text."""
    with ApiServer() as server, connect(str(server.kubeconfig(tmp_path))) as connection:
        assert server_version(connection) == "v1.36.0"
        server.forbid("/version")
        assert server_version(connection) == ""

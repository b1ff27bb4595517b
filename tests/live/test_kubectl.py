"""The test server, seen by a client that nobody here wrote: what it serves is what a cluster serves."""

import shutil
import subprocess
from pathlib import Path

import pytest
from apiserver import ApiServer, stored_objects

RECORDING = Path(__file__).parent.parent / "conformance" / "rbac-101"
KUBECTL = shutil.which("kubectl")

pytestmark = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed")


def kubectl(kubeconfig: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """kubectl with a fresh cache."""
    assert KUBECTL is not None
    cache = str(kubeconfig.parent / "cache")
    return subprocess.run(
        [KUBECTL, "--kubeconfig", str(kubeconfig), "--cache-dir", cache, *arguments], capture_output=True, text=True, check=False
    )


def test_kubectl_lists_and_asks(tmp_path) -> None:
    """Discovery, pages, reviews and impersonation are understood by kubectl."""
    objects = stored_objects(RECORDING)
    asked: list[dict] = []

    def decide(spec: dict) -> dict:
        asked.append(spec)
        return {"allowed": spec["resourceAttributes"]["verb"] == "get"}

    with ApiServer(objects, decide=decide) as server:
        config = server.kubeconfig(tmp_path)
        names = kubectl(config, "get", "clusterroles", "--chunk-size", "5", "-o", "name").stdout.split()
        expected = sorted(one["metadata"]["name"] for one in objects if one["kind"] == "ClusterRole")
        assert sorted(name.partition("/")[2] for name in names) == expected
        assert "admin" in kubectl(config, "auth", "whoami").stdout
        assert kubectl(config, "auth", "can-i", "get", "pods", "-n", "shop").stdout == "yes\n"
        refused = kubectl(config, "auth", "can-i", "delete", "deploy/web", "--as", "eve", "--as-group", "devs")
        assert (refused.stdout, refused.returncode) == ("no\n", 1)
    assert asked[0]["resourceAttributes"] == {"namespace": "shop", "verb": "get", "resource": "pods"}
    assert (asked[1]["user"], asked[1]["groups"]) == ("eve", ["devs", "system:authenticated"])
    assert asked[1]["resourceAttributes"]["group"] == "apps"

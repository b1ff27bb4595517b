"""What runs: pods and the templates of controllers; what their specifications say of tokens, secrets and ways onto the node."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rbaclens.model.volumes import PersistentVolume, Volume
from rbaclens.model.workloads import PodSpec

Account = tuple[str, str]
"""Namespace and name of a service account."""
DAEMON_SET = "DaemonSet"
_TAKES_THE_NODE = frozenset({"ALL", "SYS_ADMIN", "SYS_MODULE", "DAC_READ_SEARCH"})
_READ = (
    "/etc/kubernetes/pki",
    "/var/lib/etcd",
    "/var/lib/kubelet/pki",
    "/var/lib/kubelet/pods",
    "/var/lib/containerd",
    "/var/lib/docker",
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/docker.sock",
    "/run/k3s/containerd/containerd.sock",
)
"""Keys and tokens to read, and sockets to talk to, which a read-only mount does not prevent."""
_WRITE = ("/etc/cron.d", "/etc/shadow", "/etc/sudoers.d", "/etc/systemd/system", "/proc/sys/kernel/core_pattern", "/root/.ssh")
"""What root runs or trusts."""
_MANIFESTS = ("/etc/kubernetes/manifests", "/var/lib/rancher/k3s/agent/pod-manifests")
_LOGS = ("/var/log",)


class Runner(msgspec.Struct, frozen=True):
    """A pod, or the template of a controller (then ``name`` is like ``Deployment/web``); ``node`` is empty where it is not known.

    ``owner`` is the kind of the controller that makes the pod, empty if none does. ``is_mirror`` stands for a pod that the kubelet has
    from a file: it gets no token.
    """

    namespace: str
    name: str
    spec: PodSpec
    node: str = ""
    owner: str = ""
    is_mirror: bool = False

    @property
    def account(self) -> Account:
        """The service account under which it runs."""
        return self.namespace, self.spec.service_account_name or "default"

    @property
    def is_template(self) -> bool:
        """Whether it stands for the pods of a controller."""
        return "/" in self.name

    @property
    def has_projected_token(self) -> bool:
        """Whether a volume brings a token for the API server, whatever is mounted by default."""
        sources = (source for volume in self.spec.volumes if volume.projected for source in volume.projected.sources)
        return any(source.service_account_token is not None and not source.service_account_token.audience for source in sources)

    def secrets(self) -> Iterator[str]:
        """The names of the secrets that are mounted, in its environment, or used to pull its images."""
        for volume in self.spec.volumes:
            if volume.secret is not None:
                yield volume.secret.secret_name
            if volume.projected is not None:
                yield from (source.secret.name for source in volume.projected.sources if source.secret is not None)
        for container in self.spec.all_containers:
            yield from (one.value_from.secret_key_ref.name for one in container.env if one.value_from and one.value_from.secret_key_ref)
            yield from (one.secret_ref.name for one in container.env_from if one.secret_ref)
        yield from (one.name for one in self.spec.image_pull_secrets)


Claims = dict[tuple[str, str], PersistentVolume]
"""Persistent volumes by the namespace and name of the claim that they are bound to."""


def escapes(runner: Runner, claims: Claims) -> tuple[str, str]:
    """What lets code in the pod become root on its node, and what is seen to prevent that; both may be empty."""
    spec = runner.spec
    windows = [spec.security_context, *(one.security_context for one in spec.all_containers)]
    if any(one.windows_options.host_process for one in windows):
        return "a Windows host process", ""
    for path, written in _host_paths(runner, claims):
        if path == _BLOCK_DEVICE or _touches(path, _READ) or (written and _touches(path, _WRITE)):
            return f"{path or '/'} of the node", ""
    inside = _by_kernel(spec)
    return inside, "it runs in a user namespace (hostUsers: false)" if inside and not spec.host_users else ""


def writes_manifests(runner: Runner, claims: Claims) -> bool:
    """Whether code in the pod may write where the kubelet looks for static pods."""
    return any(written and _touches(path, _MANIFESTS) for path, written in _host_paths(runner, claims))


def writes_logs(runner: Runner, claims: Claims) -> bool:
    """Whether code in the pod may write to the node's log folder."""
    return any(written and _touches(path, _LOGS) for path, written in _host_paths(runner, claims))


def _by_kernel(spec: PodSpec) -> str:
    for container in spec.all_containers:
        context = container.security_context
        added = {one.removeprefix("CAP_") for one in context.capabilities.add}
        if context.privileged:
            return "a privileged container"
        if added & _TAKES_THE_NODE:
            return f"the capability {min(added & _TAKES_THE_NODE)}"
        if spec.host_pid and "SYS_PTRACE" in added:
            return "the node's processes and the capability SYS_PTRACE"
    return ""


_BLOCK_DEVICE = "a block device"


def _host_paths(runner: Runner, claims: Claims) -> Iterator[tuple[str, bool]]:
    """The paths of the node that are mounted, without a slash at the end, and whether they may be written."""
    mounts: dict[str, bool] = {}
    for container in runner.spec.all_containers:
        for mount in container.volume_mounts:
            mounts[mount.name] = mounts.get(mount.name, False) or not mount.read_only
    for volume in runner.spec.volumes:
        if volume.name in mounts:
            yield from ((path, mounts[volume.name]) for path in _of_volume(runner, volume, claims))


def _of_volume(runner: Runner, volume: Volume, claims: Claims) -> Iterator[str]:
    found = volume.host_path
    if volume.persistent_volume_claim is not None:
        bound = claims.get((runner.namespace, volume.persistent_volume_claim.claim_name))
        found = bound.spec.host_path if bound is not None else None
    if found is not None:
        yield _BLOCK_DEVICE if found.type == "BlockDevice" else found.path.rstrip("/").replace("/var/run", "/run", 1)


def _touches(path: str, wanted: tuple[str, ...]) -> bool:
    """Whether one of the places lies at ``path``, below it or above it."""
    return any(place == path or place.startswith(f"{path}/") or path.startswith(f"{place}/") for place in wanted)

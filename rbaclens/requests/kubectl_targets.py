"""Which objects a kubectl command is about: ``TYPE NAME``, ``TYPE/NAME``, lists of types, selectors, files."""

from __future__ import annotations

from collections.abc import Sequence

from rbaclens.errors import UsageError
from rbaclens.requests.kubectl_manifests import ManifestObject, read_manifest
from rbaclens.requests.kubectl_plan import Planner, Target
from rbaclens.requests.resources import Resolved


def targets_of(p: Planner, args: Sequence[str], *, bare: bool = False, selectors: bool = True) -> list[Target]:
    """The objects of files or of arguments. ``bare``: a TYPE alone means all of its objects, without ``--all``.

    Raises UsageError where kubectl's own rules for arguments refuse them.
    """
    if p.line.items("filename") or "kustomize" in p.line.flags:
        if args:
            raise UsageError("a file and resource arguments do not go together", "name either files or resources")
        return file_targets(p)
    if not args:
        raise UsageError("no resource is named", "write TYPE NAME, TYPE/NAME or -f FILE")
    labels = p.line.text("selector") if selectors else ""
    fields = p.line.text("field-selector") if selectors else ""
    everything = p.line.switch("all-namespaces")
    if any("/" in arg for arg in args):
        if labels or fields or p.line.switch("all"):
            raise UsageError("selectors and --all do not go together with TYPE/NAME", "leave one of them out")
        targets = [slash_target(p, arg) for arg in args]
    else:
        resources = _types(p, args[0])
        names = args[1:]
        if names and (labels or fields):
            raise UsageError("names do not go together with a selector", "leave one of them out")
        if not names and not (bare or labels or fields or p.line.switch("all")):
            raise UsageError("a resource type is given, but no name", "add a name, a selector or --all")
        targets = [object_target(p, r, name) for r in resources for name in names]
        targets = targets or [Target(r, "" if everything else namespace_of(p, r), labels=labels, fields=fields) for r in resources]
    if everything and any(target.name for target in targets):
        raise UsageError("no object can be named across all namespaces", "leave out -A or the name")
    return targets


def slash_target(p: Planner, arg: str) -> Target:
    """The object of ``TYPE/NAME``."""
    text, slash, name = arg.partition("/")
    if not slash or not text or not name or "/" in name or "," in text:
        raise UsageError(f'"{arg}" is not TYPE/NAME', "write one type, a slash and one name")
    return object_target(p, p.resource(text), name)


def object_target(p: Planner, resource: Resolved, name: str, kind: str = "") -> Target:
    """One named object in the command's namespace."""
    if name in (".", "..") or "/" in name or "%" in name:
        raise UsageError(f'"{name}" is no name that a path can hold', "kubectl refuses it too")
    return Target(resource, namespace_of(p, resource), name, kind=kind)


def namespace_of(p: Planner, resource: Resolved) -> str:
    """The command's namespace, and none for a cluster-scoped resource."""
    if resource.namespaced is None:
        p.note(f"whether {resource} is namespaced is not known: taken as namespaced")
    return "" if resource.namespaced is False else p.namespace


def files_of(p: Planner) -> tuple[ManifestObject, ...]:
    """The objects of all files that the command line names."""
    if "kustomize" in p.line.flags:
        raise UsageError("-k is not understood", "build it: kubectl kustomize DIR | rbaclens ... -f -")
    files = p.line.items("filename")
    if not files:
        raise UsageError("no file is named", "write -f FILE")
    return tuple(item for file in files for item in read_manifest(file, p.read_file))


def file_targets(p: Planner) -> list[Target]:
    """What stands in the files, each object in its own namespace or the command's."""
    return [manifest_target(p, item) for item in files_of(p)]


def manifest_target(p: Planner, item: ManifestObject) -> Target:
    """The object of a file. Raises UsageError for a kind that nothing serves, and for the namespaces kubectl refuses."""
    resource = p.catalogue.of_kind(item.api_version, item.kind)
    if resource is None:
        raise UsageError(
            f'{item.file}: nothing serves the kind "{item.kind}" of {item.api_version}',
            "add its CustomResourceDefinition to the policy files",
        )
    if resource.namespaced is False:
        return Target(resource, "", item.name, kind=item.kind)
    if item.namespace and p.explicit_namespace not in ("", item.namespace):
        raise UsageError(
            f'{item.file}: the object\'s namespace "{item.namespace}" is not the command\'s "{p.explicit_namespace}"',
            f"write --namespace={item.namespace}",
        )
    return Target(resource, item.namespace or p.namespace, item.name, kind=item.kind)


def split_pairs(args: Sequence[str], what: str, *, colon: bool = False) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Resources and the changes behind them: ``key=value``, ``key-`` (and ``key:effect`` for taints)."""

    def change(word: str) -> bool:
        return ("=" in word and word[0] != "=") or (word.endswith("-") and word != "-") or (colon and ":" in word)

    cut = next((index for index, word in enumerate(args) if change(word)), len(args))
    for word in args[cut:]:
        if not change(word):
            raise UsageError(f'"{word}" stands behind the first {what}', f"name the resources first, then every {what}")
    return tuple(args[:cut]), tuple(args[cut:])


def _types(p: Planner, text: str) -> list[Resolved]:
    """The resources of a list such as ``po,svc``, categories such as ``all`` taken apart."""
    found: list[Resolved] = []
    for word in text.split(","):
        if not word:
            raise UsageError(f'"{text}" is no list of resource types', "write types with commas between them")
        members = p.catalogue.category(word)
        found += members or (p.resource(word),)
    return found

"""ABAC policy files, read exactly as the API server reads them at its start (ABAC-01 to ABAC-15)."""

from __future__ import annotations

import codecs
from typing import Any

import msgspec

from rbaclens.errors import AbacFileError, PolicyFileError
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.identity import AUTHENTICATED
from rbaclens.model.location import Origin
from rbaclens.model.written import RefusedLine
from rbaclens.sources import go_json
from rbaclens.sources.go_json import GoJsonError, Pairs
from rbaclens.sources.kinds import ABAC_GROUP
from rbaclens.sources.positions import LINE_STEP

# What Go's scanner holds of one line, without the line's end (ABAC-03).
MAX_LINE_BYTES = 64 * 1024 - 1
# What Go calls white space; Python's own set is larger.
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_TOO_LONG = "bufio.Scanner: token too long"
_SHOWN = 400
_V0_KEYS = frozenset({"user", "group", "readonly", "resource", "namespace", "nonResourcePath", "apiGroup"})
_VERSIONS = {f"{ABAC_GROUP}/v0": "v0", f"{ABAC_GROUP}/v1beta1": "v1beta1"}
# With the group alone the version is taken from what the caller asked for, which is v0.
_LEGACY_VERSIONS = {"": "v0", "/": "v0", f"{ABAC_GROUP}/": "v0", **_VERSIONS}


class _Policy(msgspec.Struct):
    """A line's fields, of either format."""

    user: str = ""
    group: str = ""
    readonly: bool = False
    resource: str = ""
    namespace: str = ""
    api_group: str = ""
    non_resource_path: str = ""


_V0_FIELDS = {"user": str, "group": str, "readonly": bool, "resource": str, "namespace": str}
_SPEC_FIELDS = {**_V0_FIELDS, "apiGroup": str, "nonResourcePath": str}
_ATTRIBUTES = {"apiGroup": "api_group", "nonResourcePath": "non_resource_path"}


def read_abac(data: bytes, file: str, refused: list[RefusedLine] | None = None) -> tuple[AbacPolicy, ...]:
    """The policies of an ABAC file, in order and converted (ABAC-12 to ABAC-14).

    Raises ``AbacFileError`` where the API server would not start; its message is the server's from the line on. With ``refused``
    such lines are added to that instead, and the others read.
    """
    policies = []
    for number, line in enumerate(data.split(b"\n"), 1):
        text = _trim(line)
        # What is too long the server does not even look at, be it a comment.
        if len(line) <= MAX_LINE_BYTES and (not text or text.startswith(b"#")):
            continue
        origin, written = Origin(file, 0, (LINE_STEP, number)), text.decode("utf-8", "replace")
        try:
            version, policy = _read_line(text, len(line))
        except (GoJsonError, PolicyFileError) as error:
            words = str(error) if isinstance(error, GoJsonError) else f"error converting YAML to JSON: {error.message}"
            if refused is None:
                raise _unreadable(words, written, file, number) from None
            refused.append(RefusedLine(AbacPolicy(origin, number, version="", written=written), words))
        else:
            policies.append(_converted(policy, version, origin, number, written))
    return tuple(policies)


def _unreadable(words: str, written: str, file: str, number: int) -> AbacFileError:
    if words == _TOO_LONG:
        return AbacFileError(words, "a line may have up to 64 KiB", file=file, line=number)
    shown = written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"
    return AbacFileError(f"{shown}: {words}", file=file, line=number)


def is_abac(data: bytes) -> bool:
    """Whether a text is an ABAC file by what its first line that is no comment holds: one whole JSON object of ABAC's group,
    or one without apiVersion and kind that has fields of the v0 format and no others."""
    start = 0
    while start < len(data):
        # A line that is too long for ABAC is not even copied: most JSON files are one such line.
        end = data.find(b"\n", start, start + MAX_LINE_BYTES + 1)
        if end < 0 and len(data) - start > MAX_LINE_BYTES:
            return False
        text = _trim(data[start : end if end >= 0 else len(data)])
        start = end + 1 if end >= 0 else len(data)
        if not text or text.startswith(b"#"):
            continue
        text = text.removeprefix(codecs.BOM_UTF8)
        if not text.startswith(b"{") or not text.endswith(b"}"):
            return False
        try:
            value = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
            version = msgspec.json.decode(value.get("apiVersion", b'""'), type=str)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        if "apiVersion" in value or "kind" in value:
            return version.startswith(f"{ABAC_GROUP}/")
        return bool(value) and value.keys() <= _V0_KEYS
    return False


def _trim(line: bytes) -> bytes:
    if line.isascii():
        return line.strip(b"\t\n\v\f\r ")
    return line.decode("utf-8", "surrogateescape").strip(_SPACE).encode("utf-8", "surrogateescape")


def _read_line(text: bytes, length: int) -> tuple[str, _Policy]:
    """Format and fields of one line: the versioned form first, then the legacy one (ABAC-05 to ABAC-07)."""
    if length > MAX_LINE_BYTES:
        raise GoJsonError(_TOO_LONG)
    value = go_json.parse(text) if text.startswith(b"{") else _yaml_value(text)
    api_version, kind = _version_and_kind(value)
    versions = _VERSIONS if kind else _LEGACY_VERSIONS
    if not kind or not api_version or api_version in ("/", f"{ABAC_GROUP}/"):
        versions = _LEGACY_VERSIONS
    version = versions.get(api_version)
    if version is None or kind not in ("", "Policy"):
        shown = api_version if api_version.strip("/") else f"{ABAC_GROUP}/v0"
        raise GoJsonError(f'no kind "{kind or "Policy"}" is registered for version "{shown}" in scheme "pkg/apis/abac/register.go:33"')
    policy = _Policy()
    pairs = value if isinstance(value, Pairs) else Pairs()
    if version == "v0":
        _assign(policy, pairs, _V0_FIELDS, "Policy.")
        return version, policy
    for key, spec in pairs:
        if key == "spec" and spec is not None:
            if not isinstance(spec, Pairs):
                raise _mismatch(spec, "Policy.spec", "v1beta1.PolicySpec")
            # A second spec adds to the first, as Go decodes into the same struct.
            _assign(policy, spec, _SPEC_FIELDS, "PolicySpec.spec.")
    if not kind:
        raise GoJsonError("converting (v1beta1.Policy) to (v0.Policy): unknown conversion")
    return version, policy


def _yaml_value(text: bytes) -> Any:
    """A line that is no JSON object is read as YAML (ABAC-09); so ``null`` and ``---`` are policies without any field."""
    from rbaclens.sources.yaml_text import compose
    from rbaclens.sources.yaml_values import Constructor

    node = compose(text, "", 0, 0)
    return None if node is None else go_json.pairs(Constructor("", 0, 0).value(node))


def _version_and_kind(value: object) -> tuple[str, str]:
    """apiVersion and kind; this first look alone takes keys in any case, as Go's own JSON package does."""
    found = {"apiversion": "", "kind": ""}
    if value is not None and not isinstance(value, Pairs):
        target = r'struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'
        raise GoJsonError(f"couldn't get version/kind; json parse error: {_mismatch(value, '', target)}")
    for key, item in value or ():
        name = key.casefold()
        if name in found and item is not None:
            if not isinstance(item, str):
                field = "apiVersion" if name == "apiversion" else name
                raise GoJsonError(f"couldn't get version/kind; json parse error: {_mismatch(item, f'.{field}', 'string')}")
            found[name] = item
    if found["apiversion"].count("/") > 1:
        raise GoJsonError(f"unexpected GroupVersion string: {found['apiversion']}")
    return found["apiversion"], found["kind"]


def _assign(policy: _Policy, pairs: Pairs, fields: dict[str, type], prefix: str) -> None:
    """Set the fields that ``pairs`` name, the last of several winning; unknown keys are ignored, in case too (ABAC-08)."""
    for key, value in pairs:
        wanted = fields.get(key)
        if wanted is None or value is None:
            continue
        if type(value) is not wanted:
            raise _mismatch(value, prefix + key, "bool" if wanted is bool else "string")
        setattr(policy, _ATTRIBUTES.get(key, key), value)


def _mismatch(value: object, field: str, target: str) -> GoJsonError:
    into = f"struct field {field}" if field else "value"
    return GoJsonError(f"json: cannot unmarshal {go_json.type_name(value)} into Go {into} of type {target}")


def _converted(policy: _Policy, version: str, origin: Origin, line: int, written: str) -> AbacPolicy:
    """The internal form of a line."""
    user, group = policy.user, policy.group
    everyone = "*" in (user, group) or (version == "v0" and not user and not group)
    if everyone:
        user, group = "", AUTHENTICATED
    namespace, resource = policy.namespace, policy.resource
    api_group, path = policy.api_group, policy.non_resource_path
    if version == "v0":
        path = "" if namespace or resource else "*"
        namespace, resource, api_group = namespace or "*", resource or "*", "*"
    return AbacPolicy(
        origin=origin,
        line=line,
        user=user,
        group=group,
        readonly=policy.readonly,
        api_group=api_group,
        resource=resource,
        namespace=namespace,
        non_resource_path=path,
        version=version,
        written=written,
    )

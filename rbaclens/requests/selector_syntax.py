"""What selectors are made of: their error, label keys and values, and whole numbers (SEL-07)."""

from __future__ import annotations

import re

from rbaclens.errors import RequestError
from rbaclens.model.identity import is_dns_subdomain

_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_INTEGER = re.compile(r"[+-]?[0-9]{1,1000}")
_MAX = 63

_NAME_RULE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_PREFIX_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)


class SelectorError(RequestError):
    """A selector text that the API server cannot parse."""


def label_key_problems(key: str) -> list[str]:
    """What is wrong with ``key`` as a label key, in the API server's words; empty when nothing is (SEL-07)."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        return [f"a qualified name {_NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    problems = []
    if slash and not prefix:
        problems.append("prefix part must be non-empty")
    elif slash and len(prefix) > 253:
        problems.append("prefix part must be no more than 253 bytes")
    elif slash and not is_dns_subdomain(prefix):
        problems.append(f"prefix part {_PREFIX_RULE}")
    if not name:
        problems.append("name part must be non-empty")
    elif len(name.encode(errors="surrogatepass")) > _MAX:
        problems.append("name part must be no more than 63 bytes")
    if not _NAME.fullmatch(name):
        problems.append(f"name part {_NAME_RULE}")
    return problems


def label_value_problems(value: str) -> list[str]:
    """What is wrong with ``value`` as a label value, in the API server's words; empty when nothing is (SEL-07)."""
    problems = []
    if len(value.encode(errors="surrogatepass")) > _MAX:
        problems.append("must be no more than 63 bytes")
    if value and not _NAME.fullmatch(value):
        problems.append(_VALUE_RULE)
    return problems


def is_int64(text: str) -> bool:
    """Whether Go reads ``text`` as a decimal 64-bit integer: a sign and digits, no blanks, in range."""
    return _INTEGER.fullmatch(text) is not None and -(2**63) <= int(text) < 2**63

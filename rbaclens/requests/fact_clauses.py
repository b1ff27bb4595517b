"""The verbs and things of a permission fact, resolved as ``rbaclens check`` resolves its words."""

from __future__ import annotations

from collections.abc import Sequence

from rbaclens.errors import UsageError
from rbaclens.model.permission_facts import Clause
from rbaclens.requests.fact_tokens import FactSyntaxError, Token
from rbaclens.requests.resources import Resolved, ResourceCatalogue
from rbaclens.requests.words import request_from_words

ANYTHING = "anything"
_ANY = "*"
_A_NAMESPACE = "x"


def clauses_for(
    verbs: Sequence[Token], targets: Sequence[Token], names: tuple[str, ...], catalogue: ResourceCatalogue
) -> tuple[tuple[Clause, ...], tuple[str, ...]]:
    """A clause for every verb on every thing, and what a person should know about them. Raises FactSyntaxError."""
    found: list[Clause] = []
    notes: list[str] = []
    for target in targets:
        for verb in verbs:
            try:
                clause, said = _clause(verb.text, target, names, catalogue)
            except FactSyntaxError:
                raise
            except UsageError as error:
                at = verb if "verb" in error.message else target
                help_text = error.help.replace("--force takes it as written", "").strip()
                raise at.error(error.message, help_text) from None
            found.append(clause)
            notes += said
    return tuple(dict.fromkeys(found)), tuple(notes)


def _clause(verb: str, target: Token, names: tuple[str, ...], catalogue: ResourceCatalogue) -> tuple[Clause, tuple[str, ...]]:
    word = target.text
    open_verb = None if verb == _ANY else verb
    if word.startswith("/"):
        if "*" in word.rstrip("*"):
            raise target.error(f'"*" stands for anything only at the end of a path, not inside of "{word}"', "such as: get /healthz/*")
        if "?" in word:
            raise target.error("authorizers never see the query string", f"write {word.partition('?')[0]}")
        notes = () if open_verb is None else catalogue.check_verb(verb, None)
        return Clause(open_verb, path=word.rstrip("*") + "*" if word.endswith("*") else word, namespaced=False), notes
    if word in (ANYTHING, _ANY) and not target.quoted:
        notes = () if open_verb is None else catalogue.check_verb(verb, Resolved("", "*", _ANY))
        return Clause(open_verb, None, None, None, names), notes
    head, _, subresource = word.partition("/")
    if head == _ANY or head.startswith("*."):
        group = head[2:] if head != _ANY else None
        notes = () if open_verb is None else catalogue.check_verb(verb, Resolved(group or "", "*", _ANY, subresource))
        return Clause(open_verb, None, group, None if subresource in ("", _ANY) else subresource, names), notes
    return _resolved(verb, word, names, target, catalogue)


def _resolved(verb: str, word: str, names: tuple[str, ...], target: Token, catalogue: ResourceCatalogue) -> tuple[Clause, tuple[str, ...]]:
    every_subresource = word.endswith("/*")
    asked = "get" if verb == _ANY else verb
    request = request_from_words(
        asked, word.removesuffix("/*") if every_subresource else word, namespace=_A_NAMESPACE, catalogue=catalogue
    ).request
    if request.name and names:
        raise target.error(
            f'the name is given twice: "{word}" and named', f"write {request.resource} named {request.name}, {', '.join(names)}"
        )
    inline = (request.name,) if request.name else ()
    if request.name:
        # A request on one namespace stands inside it (RI-20); whether the resource has namespaces shows without a name.
        request = request_from_words(asked, word.partition("/")[0], namespace=_A_NAMESPACE, catalogue=catalogue).request
    resolved = Resolved(request.api_group, request.version, request.resource, request.subresource)
    clause = Clause(
        verb=None if verb == _ANY else verb,
        resource=request.resource,
        api_group=request.api_group,
        subresource=None if every_subresource else request.subresource,
        names=inline or names,
        namespaced=request.namespace != "",
        only_subresources=every_subresource,
    )
    return clause, () if verb == _ANY else catalogue.check_verb(verb, resolved)

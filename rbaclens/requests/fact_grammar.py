"""The language of permission facts: from words to a ``PermissionFact`` (grammar: docs/permission-tests.md).

Strict: whatever is not understood is an error with its place, and what was expected there.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from rbaclens.errors import UsageError
from rbaclens.model.permission_facts import Clause, FactKind, Party, PermissionFact, Places
from rbaclens.requests.fact_clauses import ANYTHING, clauses_for
from rbaclens.requests.fact_tokens import END, Token
from rbaclens.requests.label_selectors import parse_label_selector
from rbaclens.requests.resources import ResourceCatalogue
from rbaclens.requests.selector_syntax import SelectorError
from rbaclens.requests.subjects import parse_subject

KINDS: tuple[FactKind, ...] = ("allow", "deny", "only", "nobody", "everyone")
_KEYWORDS = frozenset({"can", "in", "at", "named", "except", "unless", "counting"})
_EXCEPT = ("except", "unless")
_CLAUSES = "in, named, except, counting components or the end of the fact"
_SUBJECT_WORDS = ("user:", "group:", "sa:", "serviceaccount:", "node:", "system:")


def parse_fact(tokens: Sequence[Token], catalogue: ResourceCatalogue, text: str = "") -> PermissionFact:
    """The fact that ``tokens`` (the end last) say; ``text`` is how reports write it.

    Raises FactSyntaxError, also for a resource, verb or subject that nothing knows.
    """
    return _Parser(tokens, catalogue).parse(text)


class _Parser:
    def __init__(self, tokens: Sequence[Token], catalogue: ResourceCatalogue) -> None:
        self.tokens = tokens
        self.catalogue = catalogue
        self.at = 0
        self.exempt: list[Party] = []
        self.excluded: list[str] = []
        self.places: Places | None = None
        self.names: list[str] | None = None
        self.count_components = False
        self.notes: list[str] = []

    def parse(self, text: str) -> PermissionFact:
        kind = self.kind()
        parties = self.parties(kind)
        verbs, targets = self.action()
        # What follows says more about the things: names first, so that each thing can take them.
        start = self.at
        self.rest(kind)
        places = self.places or Places()
        clauses, notes = clauses_for(verbs, targets, tuple(self.names or ()), self.catalogue)
        self.check_places(clauses, targets, self.tokens[start])
        self.notes += notes
        return PermissionFact(
            kind=kind,
            text=text,
            clauses=clauses,
            parties=parties,
            exempt=tuple(self.exempt),
            places=Places(places.everywhere, places.patterns, places.labels, places.label_text, tuple(self.excluded)),
            count_components=self.count_components,
            notes=tuple(dict.fromkeys(self.notes)),
        )

    # words

    def peek(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def sees(self, *words: str) -> bool:
        token = self.peek()
        return not token.quoted and token.text in words

    def accept(self, *words: str) -> bool:
        """Take the next words if they are these."""
        following = self.tokens[self.at : self.at + len(words)]
        if len(following) < len(words) or any(one.quoted or one.text != word for one, word in zip(following, words, strict=True)):
            return False
        self.at += len(words)
        return True

    def expect(self, word: str, help: str = "") -> None:
        if not self.accept(word):
            raise self.peek().error(f'expected "{word}", found {self.peek().shown}', help)

    def word(self, what: str) -> Token:
        token = self.peek()
        if not token.quoted and (token.text == END or token.text in _KEYWORDS or token.text in ",[]"):
            raise token.error(f"expected {what}, found {token.shown}", "put a word in quotes that is meant as a name")
        return self.take()

    def listed(self, what: str) -> list[Token]:
        """``a``, ``a, b`` or ``[a, b]``."""
        if self.accept("["):
            found = [self.word(what)]
            while self.accept(","):
                found.append(self.word(what))
            self.expect("]", "write a list as [a, b]")
            return found
        found = [self.word(what)]
        # A comma before except, unless or counting is good style and ends the list.
        while self.sees(",") and not any(self.follows(word) for word in (*_EXCEPT, "counting")):
            self.take()
            found.append(self.word(what))
        return found

    def follows(self, word: str) -> bool:
        """Whether ``word`` stands behind the next token."""
        after = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        return not after.quoted and after.text == word

    # who

    def kind(self) -> FactKind:
        token = self.take()
        word = token.text.removesuffix(":")
        for kind in KINDS:
            if word == kind and not token.quoted:
                self.accept(":")
                return kind
        near = difflib.get_close_matches(word.lower(), KINDS, n=1)
        hint = f"did you mean {near[0]}?" if near else "such as: allow: bob get pods in shop"
        raise token.error(f"expected {', '.join(KINDS[:-1])} or {KINDS[-1]}, found {token.shown}", hint)

    def parties(self, kind: FactKind) -> tuple[Party, ...]:
        if kind == "nobody":
            if self.sees("but", *_EXCEPT):
                self.take()
                self.exempt += self.subjects()
            self.expect("can", "such as: nobody can escalate clusterroles")
            return ()
        if kind == "everyone":
            self.expect("in", "say in which group: everyone in group:devs can get pods in shop")
        found = self.subjects(groups_only=kind == "everyone")
        if kind in ("allow", "deny"):
            self.accept("can")
        else:
            self.expect("can", f"such as: {kind} {'in ' * (kind == 'everyone')}{found[0].text} can get pods in shop")
        return tuple(found)

    def subjects(self, *, groups_only: bool = False, prefixed: bool = False) -> list[Party]:
        return [self.party(token, groups_only=groups_only, prefixed=prefixed) for token in self.listed("a subject")]

    def party(self, token: Token, *, groups_only: bool, prefixed: bool) -> Party:
        if prefixed and not token.text.startswith(_SUBJECT_WORDS) and token.text != "anonymous":
            message = f'"{token.text}" could be a user or a namespace'
            raise token.error(message, f"write except user:{token.text}, or except in {token.text}")
        try:
            who = parse_subject(token.text, exact_groups=True)
        except UsageError as error:
            raise token.error(error.message, error.help) from None
        self.notes += who.notes
        if groups_only and who.how != "group":
            raise token.error(f'expected a group, found "{token.text}"', f"write group:{token.text}, or: allow: {token.text} ...")
        return Party(token.text, group=who.groups[0]) if who.how == "group" else Party(token.text, user=who.user)

    # what

    def action(self) -> tuple[list[Token], list[Token]]:
        if self.accept("do"):
            token = self.peek()
            self.expect(ANYTHING, "write do anything, or a verb")
            anything = Token("*", token.line, token.column)
            if not self.accept("to"):
                return [anything], [anything]
            return [anything], self.listed("a resource or a path")
        verbs = self.listed("a verb")
        return verbs, self.listed("a resource or a path")

    def rest(self, kind: FactKind) -> None:
        while self.peek().text != END or self.peek().quoted:
            token = self.peek()
            if self.sees(*_EXCEPT):
                self.take()
                self.exception(kind)
            elif self.accept("counting", "components"):
                if kind not in ("only", "nobody"):
                    raise token.error(f"components always count after {kind}", 'leave "counting components" out')
                self.count_components = True
            elif self.sees("named"):
                self.once(self.names, "named")
                self.take()
                self.names = [one.text for one in self.listed("a name")]
            elif self.sees("in", "at"):
                self.once(self.places, "in")
                self.places = self.place()
            elif self.accept(","):
                if not self.sees(*_EXCEPT, "counting"):
                    raise self.peek().error(f"expected except or counting components, found {self.peek().shown}")
            else:
                raise token.error(
                    f"expected {_CLAUSES}, found {token.shown}", f'a name is written "named {token.text}", a list "get, list pods"'
                )

    def once(self, known: object, word: str) -> None:
        if known is not None:
            raise self.peek().error(f'"{word}" is said twice', "write one list: in shop, prod")

    def exception(self, kind: FactKind) -> None:
        if self.accept("in"):
            self.accept("namespaces") or self.accept("namespace")
            self.excluded += [one.text for one in self.listed("a namespace")]
            return
        token = self.peek()
        if kind in ("allow", "deny"):
            raise token.error(
                f"{kind} names those whom it is about: there is nobody to except", "write except in NAMESPACE, or leave it out"
            )
        self.exempt += self.subjects(prefixed=self.places is not None)

    def place(self) -> Places:
        if self.take().text == "at":
            self.accept("the")
            for word in ("cluster", "scope"):
                self.expect(word, "write at the cluster scope")
            return Places(False, ("",))
        if self.accept("all", "namespaces") or self.accept("every", "namespace"):
            return Places()
        if self.accept("namespaces", "labelled") or self.accept("namespaces", "labeled"):
            return self.labelled()
        self.accept("namespaces") or self.accept("namespace")
        return Places(False, tuple(one.text for one in self.listed("a namespace")))

    def labelled(self) -> Places:
        first = self.peek()
        parts: list[str] = []
        while not (self.sees(*_EXCEPT, "named", "counting", END) and not self.peek().quoted):
            parts.append(self.take().text)
        while parts and parts[-1] == ",":
            parts.pop()
        text = " ".join(parts).replace(" ,", ",")
        try:
            requirements = parse_label_selector(text)
        except SelectorError as error:
            raise first.error(error.message, "write a label selector such as env=prod or tier in (a, b)") from None
        if not requirements:
            raise first.error(f"expected a label selector, found {first.shown}", "such as: in namespaces labelled env=prod")
        return Places(False, labels=requirements, label_text=text)

    def check_places(self, clauses: Sequence[Clause], targets: Sequence[Token], at: Token) -> None:
        if self.names is not None and any(target.text.startswith("/") for target in targets):
            raise at.error("a path has no name", 'leave "named ..." out')
        anywhere = self.places is None or self.places.everywhere or self.places.patterns == ("",)
        if anywhere and not self.excluded:
            return
        for clause in clauses:
            if clause.path:
                raise at.error("a path stands in no namespace", 'leave "in ..." out')
            if not clause.namespaced:
                how = "named NAME" if clause.is_namespace_object else "without in"
                raise at.error(f"{clause.resource} are cluster-scoped: no request for them stands in a namespace", f"write it {how}")

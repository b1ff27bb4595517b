"""``rbaclens check --requests``: access reviews in, the same reviews with their status out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from rbaclens.errors import PolicyFileError, RequestError, UsageError
from rbaclens.model.decision import Answer

if TYPE_CHECKING:
    from rbaclens.index.engine import Engine
    from rbaclens.model.request import Request
    from rbaclens.requests.review import Review
    from rbaclens.requests.review_files import Read

CALLING_AT_ONCE = 8
"""Webhooks are waited for: that many reviews are under way at once when they are called."""
FLUSH_EVERY = 1024


def answer_reviews(engine: Engine, given: dict[str, Any], *, calling: bool) -> int:
    """Answer every review of the file in order; the exit code of the bulk contract. ``calling``: webhooks are waited for."""
    if any(given[option] for option in ("words", "http_line", "explain", "why", "suggest", "namespace", "subresource", "verify")):
        raise UsageError(
            "--requests says the whole question", "leave out the words, --http, -n, --subresource, --explain, --why and --suggest"
        )
    from rbaclens.requests.review_files import reviews_from_file_text

    file = given["requests_file"]
    complete = _completion(given)
    render = _renderer(given["output"], engine, given["all_grants"])
    unknown = bad = 0
    out = sys.stdout.buffer
    pending: list[bytes] = []
    for number, answer, line in _in_order(reviews_from_file_text(read_input(file)), _answerer(complete, render), calling):
        pending.append(line)
        if answer is Answer.UNKNOWN:
            unknown += 1
        elif answer is None:
            bad += 1
            click.echo(f"error: {'stdin' if file == '-' else file}:{number}: {msgspec.json.decode(line)['error']}", err=True)
        if len(pending) >= FLUSH_EVERY:
            out.write(b"\n".join(pending) + b"\n")
            pending.clear()
    if pending:
        out.write(b"\n".join(pending) + b"\n")
    return 2 if bad else 3 if unknown else 0


def read_input(file: str) -> bytes:
    """The bytes of a file, or of stdin for ``-``; raises PolicyFileError."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise PolicyFileError(f"cannot be read: {error.strerror}", "give a readable file, or - for stdin", file=file) from error


Answered = tuple[int, Answer | None, bytes]


def _answerer(complete: Callable[[Review], Review], render: Callable[[Review], tuple[Answer, bytes]]) -> Callable[[Read], Answered]:
    def answer(item: Read) -> Answered:
        number, review = item
        if not isinstance(review, RequestError):
            try:
                return number, *render(complete(review))
            except RequestError as error:
                review = error
        return number, None, msgspec.json.encode({"error": str(review), "line": number})

    return answer


def _in_order(reviews: Iterable[Read], answer: Callable[[Read], Answered], calling: bool) -> Iterator[Answered]:
    """The answers in the reviews' order; with a progress bar on a terminal, several at once where webhooks are called."""
    if not calling and not sys.stderr.isatty():
        return map(answer, reviews)
    return _watched(list(reviews), answer, CALLING_AT_ONCE if calling else 1)


def _watched(reviews: list[Read], answer: Callable[[Read], Answered], at_once: int) -> Iterator[Answered]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(at_once) as pool, click.progressbar(length=len(reviews), label="reviews", file=sys.stderr) as bar:
        for done, answered in enumerate(pool.map(answer, reviews) if at_once > 1 else map(answer, reviews), 1):
            if done % 100 == 0 or done == len(reviews):
                bar.update(done - bar.pos)
            yield answered


def _completion(given: dict[str, Any]) -> Callable[[Review], Review]:
    """Gives self reviews the identity of SUBJECT; every other review says itself who is meant."""
    subject = given["subject"]
    if subject is None:

        def refuse(review: Review) -> Review:
            if review.needs_identity:
                raise RequestError("a SelfSubjectAccessReview does not say who asks: rbaclens check SUBJECT --requests FILE")
            return review

        return refuse
    from rbaclens.cli.options import identity

    who = identity(given)

    def complete(review: Review) -> Review:
        return review.with_identity(who.user, who.groups, given["uid"]) if review.needs_identity else review

    return complete


def _renderer(output: str, engine: Engine, all_grants: bool) -> Callable[[Review], tuple[Answer, bytes]]:
    from rbaclens.requests.review import respond

    def review_line(review: Review) -> tuple[Answer, bytes]:
        decision = engine.decide(review.request)
        grants = _reasons(engine, review.request) if all_grants else None
        return decision.answer, respond(review, decision, grants=grants)

    def name_line(review: Review) -> tuple[Answer, bytes]:
        answer = engine.decide(review.request).answer
        return answer, answer.value.encode()

    def text_line(review: Review) -> tuple[Answer, bytes]:
        from rbaclens.reports.decision import sentence

        decision = engine.decide(review.request)
        who = review.request.user or f"group {', '.join(review.request.groups)}"
        return decision.answer, f"{decision.answer.value:<8} {who}: {sentence(review.request)}".encode()

    if output in {"json", "yaml"}:
        raise UsageError(f"--requests does not write {output}", "use -o jsonl, text or name")
    return {"name": name_line, "text": text_line}.get(output, review_line)


def _reasons(engine: Engine, request: Request) -> list[str]:
    return list(dict.fromkeys(opinion.reason for opinion in engine.all_grants(request)))

"""The reports of ``rbaclens audit`` by the names that people give them, and where they go."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from rbaclens.cli.outputs import write_file

if TYPE_CHECKING:
    from rbaclens.audit.run import Work
    from rbaclens.reports.evidence import Locate
    from rbaclens.reports.report import Report


def report_of(name: str, work: Work, locate: Locate, *, everything: bool) -> Report:
    """The report in one of the formats."""
    match name:
        case "json":
            from rbaclens.reports.findings_json import json_report

            return json_report(locate, work.rules, work.context.version, much=work.large)
        case "jsonl":
            from rbaclens.reports.findings_json import jsonl_report

            return jsonl_report(locate, much=work.large)
        case "sarif":
            from rbaclens import __version__
            from rbaclens.reports.sarif import SarifReport

            return SarifReport(locate, work.rules, __version__)
        case "text":
            from rbaclens.reports.findings_text import text_report

            return text_report(locate, everything=everything, colours=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
        case "github":
            from rbaclens.reports.github import github_report

            return github_report(locate)
        case "gitlab":
            from rbaclens.reports.gitlab import gitlab_report

            return gitlab_report(locate)
        case "csv" | "table" | "markdown":
            from rbaclens.reports import findings_table

            if name == "csv":
                return findings_table.csv_report(locate, much=work.large)
            make = findings_table.table_report if name == "table" else findings_table.markdown_report
            return make(locate, everything=everything)
    from rbaclens.reports.report import Whole

    if name == "junit":
        from rbaclens.reports.junit import junit_text

        return Whole(lambda verdict: junit_text(verdict, locate, work.rules))
    from rbaclens import __version__
    from rbaclens.reports.html_report import html_text

    return Whole(lambda verdict: html_text(verdict, locate, __version__))


def write(pieces: Iterator[bytes], file: str) -> None:
    """Write a report, to stdout where there is no ``file``."""
    if file:
        write_file(file, chain(pieces, (b"\n",)))
        return
    # Not by click.echo, which would flush after each of tens of thousands of pieces.
    for first in pieces:
        stdout = sys.stdout.buffer
        stdout.writelines(chain((first,), pieces, (b"\n",)))
        stdout.flush()

"""The command `samspil`: drafts, runs and checks studies, and shows their status."""

from __future__ import annotations

import click

from pipelines.commands.drafting import init
from pipelines.commands.figures import bounds, disclosure
from pipelines.commands.looking import check, status
from pipelines.commands.releasing import release, withdraw
from pipelines.commands.running import backfill, publish, run, trends
from pipelines.commands.shared import CODES
from pipelines.commands.tabulate import table

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=CONTEXT, epilog=CODES)
def samspil() -> None:
    """From a survey's raw export to its tables.

    \b
    Examples:
      samspil init download/ --study skole      draft studies/skole from an export
      samspil run skole                         compute its tables
      samspil check skole                       check declarations and raw files
      samspil table "partners by size, bloc"    show any table of a computed wave
      samspil trends                            compare the published waves
      samspil publish                           make Excel, Word, charts and packages of a wave
      samspil release skole --wave 2020 --by …  approve real results for readers
      samspil withdraw skole --wave 2020 --by … --why …   take them back at once
      samspil status                            list studies and waves with their state

    STUDY is a folder below studies/. The default is samspil, the study of the report.
    """


for command in (
    init, run, backfill, check, trends, publish, status, table, bounds, disclosure, release,
    withdraw,
):  # fmt: skip
    samspil.add_command(command)

if __name__ == "__main__":
    samspil(prog_name="samspil")

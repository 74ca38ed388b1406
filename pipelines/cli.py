"""`samspil`: draft a study from an export, run it, check its files, see where it stands."""

from __future__ import annotations

import click

from pipelines.commands.drafting import init
from pipelines.commands.figures import bounds, disclosure
from pipelines.commands.looking import check, status
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
      samspil check skole                       look at the raw files only
      samspil table "partners by size, bloc"    print any table of a computed wave
      samspil trends                            compare the waves that are computed
      samspil publish                           make Excel, Word, charts and packages of a wave
      samspil status                            which studies and waves there are

    STUDY is a folder below studies/; where none is named it is samspil, the report's own.
    """


for command in (init, run, backfill, check, trends, publish, status, table, bounds, disclosure):
    samspil.add_command(command)

if __name__ == "__main__":
    samspil(prog_name="samspil")

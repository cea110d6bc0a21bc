"""The command `polyroom`: one file a command. Exit codes: 0 done, 1 it failed, 2 it was asked for wrongly."""

import click

from polyroom.cli.accounts import accounts
from polyroom.cli.backup import backup
from polyroom.cli.console import console
from polyroom.cli.credentials import credentials
from polyroom.cli.doctor import doctor
from polyroom.cli.erase import erase
from polyroom.cli.export import export
from polyroom.cli.keys import keys
from polyroom.cli.openapi import openapi
from polyroom.cli.restore import restore
from polyroom.cli.serve import serve
from polyroom.cli.versions import installed_version
from polyroom.cli.webhooks import webhooks


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(installed_version(), prog_name="polyroom")
def main() -> None:
    """A self-hosted server for live video rooms.

    Every option is also an environment variable POLYROOM_… and a line of polyroom.toml; the command line wins over the
    environment, the environment over the file.
    """


for _command in (
    serve,
    credentials,
    console,
    accounts,
    keys,
    webhooks,
    erase,
    export,
    backup,
    restore,
    doctor,
    openapi,
):
    main.add_command(_command)

"""`polyroom console`: where the console is, and the operator's key to it."""

import click

from polyroom.cli.lock import make_private_folder
from polyroom.cli.options import with_settings
from polyroom.config import Settings


@click.command()
@click.option("--new-key", is_flag=True, help="Make another key first; whoever is signed in by the old one is out.")
@with_settings("data", "port", "public_url")
def console(settings: Settings, new_key: bool) -> None:
    """Print the address of the console and the operator's key, which sees every account and the server's load.

    A key of an account signs in too, and sees that account. Works while the server runs.
    """
    from polyroom.operator_key import OperatorKeyFile

    try:
        make_private_folder(settings.data)
        keys = OperatorKeyFile(settings.data)
        key = keys.renew() if new_key else keys.current()
    except OSError as error:
        raise click.ClickException(f"{error.filename or settings.data}: {error.strerror}") from None
    click.echo(f"{settings.base_url}/console")
    click.echo(key)

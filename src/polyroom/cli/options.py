"""Turns the table of options into command-line options."""

import functools
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from polyroom.config import OPTIONS, ConfigError, Option, load
from polyroom.domain.errors import DomainError, Invalid, NotFound
from polyroom.store.errors import StoreError

T = TypeVar("T")
Command = Callable[..., Any]


def with_settings(*names: str) -> Callable[[Command], Command]:
    """Give a command the named options, or all of them, and `--config`; it is called with `settings`.

    Options that the command does not show still count where the environment or the file sets them.
    """
    shown = [option for option in OPTIONS if not names or option.name in names]

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def wrapped(config: Path | None, **given: Any) -> Any:
            values = {option.name: given.pop(option.name) for option in shown}
            try:
                settings = load(values, os.environ, config)
            except ConfigError as error:
                raise click.UsageError(str(error)) from None
            return command(settings=settings, **given)

        decorated: Command = wrapped
        for option in reversed(shown):
            decorated = _click_option(option)(decorated)
        file = click.Path(dir_okay=False, path_type=Path)
        help_text = "TOML file with any of these options. Without it: ./polyroom.toml if there is one."
        return click.option("--config", type=file, metavar="FILE", help=help_text)(decorated)

    return decorate


def _click_option(option: Option) -> Callable[[Command], Command]:
    if option.default is False:
        return click.option(option.flag, option.name, is_flag=True, default=None, help=option.help)
    default = f"  [default: {option.default}]" if option.default not in (None, (), {}) else ""
    return click.option(
        option.flag, option.name, metavar=option.metavar, multiple=option.many, help=option.help + default
    )


def finish(work: Coroutine[Any, Any, T], runner: Callable[[Coroutine[Any, Any, T]], T]) -> T:
    """Run a command's work; a refusal becomes one line and exit code 1."""
    try:
        return runner(work)
    except NotFound as error:
        raise click.ClickException(f"there is no such {error.noun}") from None
    except Invalid as error:
        raise click.ClickException(f"{error.field}: {error.rule}") from None
    except DomainError as error:
        raise click.ClickException(str(error) or type(error).__name__) from None
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    except PermissionError as error:
        raise click.ClickException(f"{error.filename or 'a file'}: {error.strerror}") from None

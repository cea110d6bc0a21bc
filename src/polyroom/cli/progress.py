"""A line now and then while a command works for long, on standard error."""

import time

import click


class Progress:
    """Says how far the work is, at most every two seconds and never for work that is done by then."""

    def __init__(self, every: float = 2.0) -> None:
        self._every = every
        self._next = time.monotonic() + every

    def __call__(self, what: str, count: int) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + self._every
            click.echo(f"{count:,} {what} …", err=True)

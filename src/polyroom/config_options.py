"""What an option is: one entry of the table in `config`. A leaf."""

from dataclasses import dataclass, field
from typing import Any

from polyroom.config_values import Parser

ENV_PREFIX = "POLYROOM_"


class ConfigError(Exception):
    """A value that cannot be used, in one line that names where it was written."""


@dataclass(frozen=True, slots=True)
class Option:
    """How one field of `Settings` is written, read and explained."""

    name: str
    metavar: str
    help: str
    parse: Parser
    default: Any
    example: str
    many: bool

    @property
    def flag(self) -> str:
        """The command-line spelling."""
        return "--" + self.name.replace("_", "-")

    @property
    def env(self) -> str:
        """The environment variable."""
        return ENV_PREFIX + self.name.upper()


def option(default: Any, metavar: str, text: str, parse: Parser, example: str, *, many: bool = False) -> Any:
    """A field's whole entry in the table."""
    metadata = {"metavar": metavar, "help": text, "parse": parse, "example": example, "many": many}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)

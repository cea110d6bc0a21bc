"""What tables are made of: the metadata they belong to, and their usual columns, indexes and counters."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, MetaData, Table, text

from polyroom.store.columns import Id, Map, Moment, Plain, Word

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_column(name: str, parent: str | None = None, *, null: bool = False, key: bool = False) -> Column[Any]:
    """An id; `parent` is the table it is a row of."""
    links = [ForeignKey(f"{parent}.id")] if parent else []
    return Column(name, Id, *links, primary_key=key, nullable=null)


def moment_column(name: str, *, null: bool = False) -> Column[Any]:
    """A point in time."""
    return Column(name, Moment, nullable=null)


def text_column(name: str, *, key: bool = False, default: str | None = None) -> Column[Any]:
    """A text."""
    return Column(
        name, Plain(name), primary_key=key, nullable=False, server_default=None if default is None else text(default)
    )


def map_column(name: str, *, default: str | None = None) -> Column[Any]:
    """A JSON object."""
    return Column(name, Map(name), nullable=False, server_default=None if default is None else text(default))


def word_column(name: str, words: type[StrEnum], *, null: bool = False) -> Column[Any]:
    """A member of one enumeration."""
    return Column(name, Word(words), nullable=null)


def flag_column(name: str) -> Column[Any]:
    """A switch."""
    return Column(name, Boolean, nullable=False)


def partial_index(name: str, *columns: str | Column[Any], where: str, unique: bool = False) -> Index:
    """An index of the rows that fulfil a condition."""
    # SQLite uses the index only for a query that has the same words in it, and SQLAlchemy says "flag = 1" there.
    on_sqlite = where if " " in where else f"{where} = 1"
    return Index(name, *columns, unique=unique, sqlite_where=text(on_sqlite), postgresql_where=text(where))


def counter_table(name: str, parent: str, value: str) -> Table:
    """One number for each row of another table."""
    link = ForeignKey(f"{parent}.id", ondelete="CASCADE")
    key = Column(f"{parent}_id", Id, link, primary_key=True)
    return Table(name, metadata, key, Column(value, BigInteger, nullable=False))

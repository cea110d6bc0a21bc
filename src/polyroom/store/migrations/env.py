"""Alembic's entry: runs the steps on the connection `polyroom.store.schema` hands over, in its transaction."""

from alembic import context

from polyroom.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()

"""The schema's history, one file a step. `polyroom.store.schema` applies it; nobody runs Alembic by hand."""

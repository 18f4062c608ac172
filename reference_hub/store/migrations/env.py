"""Alembic's entry point: runs on the connection that `store.db.migrate` hands over."""

from alembic import context

from reference_hub.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()

"""Run by alembic, on the connection it is handed: one transaction around all of it."""

from alembic import context

from repaircore.adapters.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()

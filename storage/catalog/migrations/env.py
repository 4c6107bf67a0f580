"""Runs the catalog's migrations on the connection that ``storage.catalog.migrate`` hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()

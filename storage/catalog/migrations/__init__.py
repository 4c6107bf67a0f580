"""How Alembic migrates the catalog's database to the tables of this release."""

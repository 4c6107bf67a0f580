"""How Alembic brings the catalog's database to the tables of this release."""

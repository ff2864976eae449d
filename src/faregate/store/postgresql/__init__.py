"""The store of more than one process: a PostgreSQL database (docs/decisions/0021)."""

"""Alembic's entry point: runs the steps on the connection and in the transaction that
`Store.upgrade` opened.
"""

from __future__ import annotations

from alembic import context

from agoranomos.kernel.store import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # Both databases roll tables back; Alembic does not know that SQLite's are real transactions.
    transactional_ddl=True,
)
context.run_migrations()

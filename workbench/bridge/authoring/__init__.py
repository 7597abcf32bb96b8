"""Makes a new revision: what Alembic finds, with the renames, the ticks and the code that its author decided on."""

"""The audit log as a page: who did what, and checking an entry in the browser."""

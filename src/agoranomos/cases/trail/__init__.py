"""What people do in this system's own pages, told from the audit log as events: insiders are found by all they do."""

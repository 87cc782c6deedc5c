"""Who stands behind a store: applications, links between sellers, and how they conduct themselves."""

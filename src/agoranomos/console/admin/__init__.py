"""The house itself: people and roles, keys, deliveries, jobs and policies, retention and holds."""

"""The rings of whole histories, in parts: by this process alone, or by a cluster with the same steps."""

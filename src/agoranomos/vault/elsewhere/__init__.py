"""Master keys that lie elsewhere, behind the port of `vault.wrapping`: a hardware module, a key service."""

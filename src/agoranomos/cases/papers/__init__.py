"""What people attach to cases: looked at before it is kept, sealed in the vault, opened with a purpose."""

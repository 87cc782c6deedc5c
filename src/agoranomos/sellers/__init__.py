"""Who stands behind a store: who applies, who comes back, who belongs together, and how they have behaved."""

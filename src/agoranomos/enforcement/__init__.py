"""Actions out: asked for, agreed to, braked, delivered, undone."""

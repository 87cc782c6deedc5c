"""Data that leave as a file, or for another region: asked for with a purpose, agreed to by others, for some days."""

"""Photos of documents and faces: where they lie, whether they can be used, and by what they are known again."""

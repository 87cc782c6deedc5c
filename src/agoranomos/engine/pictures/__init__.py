"""Pictures: decoding within bounds, signatures that survive edits, an index of known pictures, groups of same ones."""

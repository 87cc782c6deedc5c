"""How the tables came to be, step by step; run by `Store.upgrade`, never by hand."""

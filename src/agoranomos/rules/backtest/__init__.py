"""What a rule would have done: history in DuckDB, rules as SQL over it, counts and examples out."""

"""Rules as data: the language of conditions, its two evaluators (Python and SQL), and the rules of the shop."""

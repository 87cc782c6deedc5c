"""The rule book: versions of rules and who let them loose, lists, snoozes, and what people have time to look at."""

"""Whether stores make people take bad reviews back: what came before a deletion, held against what is usual."""

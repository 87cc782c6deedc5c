"""How good decisions are: second opinions, known cases, agreement."""

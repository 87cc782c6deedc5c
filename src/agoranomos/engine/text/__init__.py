"""Finding known phrases in marketplace texts through the disguises that sellers use.

Texts and phrases pass the same fold (`folding`), phrases become one compiled `lexicon`, and `machine` reads
whole Arrow columns in one pass. Every hit keeps its way back to the seller's own characters (`matching`).
"""

"""One double-entry ledger of integers for points, coupon budgets, frozen money and the cost of test buys.

What moves is written once and never changed; what was wrong is undone by another movement. The names follow
TigerBeetle's data model (docs.tigerbeetle.com/coding/data-modeling) and the trade's: debit, credit, reserve, settle.
The reasons stand in docs/decisions/0009-ledger.md.
"""

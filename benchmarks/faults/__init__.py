"""What may go wrong around the processes of one system, done on purpose, and what must hold all the same.

Several processes work off the same jobs on one store. Each job moves money in the ledger and stands in the audit log:
under an id that is new with every attempt, so that an effect that happened twice would show.
"""

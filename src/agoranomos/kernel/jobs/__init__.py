"""Background work that is never lost: kept in the store, leased to workers, done once.

A job is enqueued in the transaction that makes it necessary. A worker leases it, and writes its effect and "done" in
one transaction. Whoever dies loses the lease, and somebody else takes over.
"""

"""After a confirmed fake: buyers are told and refunded, parcels stopped, and the seller owes what it cost."""

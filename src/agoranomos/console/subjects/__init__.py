"""The page of a listing, store, seller, account …: all that is known of it across desks."""

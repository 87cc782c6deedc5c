"""Credit of conduct: a scorecard that anybody can add up, and its signed export to a lender whom the seller chose."""

"""No coupon avalanche: campaigns that make sense before launch, and prices that come out the same everywhere."""

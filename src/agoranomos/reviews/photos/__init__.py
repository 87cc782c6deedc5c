"""Photos of reviews: stripped when they come in, looked at when a review names them."""

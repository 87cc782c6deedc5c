"""Appeals, and those who complain without cause: what is decided anew, and whose word weighs less."""

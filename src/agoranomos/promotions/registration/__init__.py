"""False registration: farms of accounts seen as they sign up, and codes that are guessed."""

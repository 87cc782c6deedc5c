"""Photos without what tells where, when, by whom and with what they were taken; the picture itself stays as it is."""

"""The breaker: sequential tests hold a running campaign against what was declared; it slows it, then stops it."""

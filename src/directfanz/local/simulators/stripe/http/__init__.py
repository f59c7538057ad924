"""How Stripe is asked: forms in, JSON out, keys, versions, lists, expansion and idempotency."""

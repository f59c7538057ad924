"""Money from cards and to bank accounts: a provider that speaks Stripe's API."""

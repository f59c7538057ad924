"""Orders, payments, refunds, disputes, papers and payouts: what fans pay, what creators get, and what the provider says of it."""

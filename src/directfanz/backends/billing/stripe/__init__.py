"""Stripe behind the contract of billing, by the `stripe` SDK; its major version pins the version of Stripe's API.

`asking` asks (pool, timeouts, retries, breaker, figures), `faults` translates what went wrong, `shapes` says what we read of
Stripe's answers, `reading` turns it into the contract's words; `adapter` is the whole, one part for each folder of Stripe's API.
"""

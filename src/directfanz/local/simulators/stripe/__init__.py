"""Stripe for one machine: its HTTP API, its hosted pages, its webhooks and its calendar. No money moves."""

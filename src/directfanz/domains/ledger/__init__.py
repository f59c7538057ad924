"""Whose the money is: double entry, append-only, to the cent. Knows accounts and entries, and not what an order is."""

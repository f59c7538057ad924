"""Opens what a process stands on, in order, and closes it in reverse order.

Which implementation serves a contract is decided here and nowhere else, from the settings.
"""

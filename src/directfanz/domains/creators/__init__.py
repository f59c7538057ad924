"""Creators' pages: their names and looks, the team that runs them, who follows them, and the account that is paid."""

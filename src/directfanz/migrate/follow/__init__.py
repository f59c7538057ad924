"""Changes that keep coming: logical replication both ways, and what it does not carry."""

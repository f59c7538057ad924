"""PostgreSQL's protocol, as little of it as moving rows from socket to socket takes."""

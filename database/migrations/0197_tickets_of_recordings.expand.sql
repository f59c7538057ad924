-- A recording is published as a post; who bought a ticket for its stream has bought that too.
ALTER TABLE posts ADD COLUMN ticket_id uuid;

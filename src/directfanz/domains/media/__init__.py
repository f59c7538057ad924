"""Files of creators: how they arrive, what is made of them, and who gets a way to them."""

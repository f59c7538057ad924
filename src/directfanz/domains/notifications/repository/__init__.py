"""Tables of this domain: what was told, what people chose, what has still to leave, and the browsers it leaves for."""

"""Are both sides equal? Every row, exactly, in any order, while writes go on; and if not, which rows."""

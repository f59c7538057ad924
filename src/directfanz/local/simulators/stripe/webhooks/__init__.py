"""Events on their way: signed, sent at once or in disorder, and again until somebody says 200."""

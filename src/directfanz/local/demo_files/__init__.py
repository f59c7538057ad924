"""A song, a film, pictures and papers for the demo page, drawn and played by a few lines of code: nothing of it lies in the repository."""

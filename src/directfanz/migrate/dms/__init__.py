"""AWS Database Migration Service as the one who carries rows, for who wants it; everything around it stays ours."""

"""What people are told: in the app, live, and by mail; each kind as they wish."""

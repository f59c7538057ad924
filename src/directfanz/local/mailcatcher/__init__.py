"""Takes every mail of one machine, sends none of it anywhere, and shows it on a page."""

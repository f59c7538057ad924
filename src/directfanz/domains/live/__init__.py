"""Live streams: from the plan to the recording."""

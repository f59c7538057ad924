"""Our own streaming process, here or on Fargate."""

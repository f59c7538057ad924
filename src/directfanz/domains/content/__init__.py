"""What creators publish, guarded by entitlements; and the pages that show a creator with all of it."""

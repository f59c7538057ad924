"""Objects from any S3 to any S3, with a ledger of what every one of them is."""

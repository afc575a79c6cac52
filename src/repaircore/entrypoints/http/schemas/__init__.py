"""What requests and answers look like in JSON, and how domain values become them."""

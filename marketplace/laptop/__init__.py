"""What a laptop has in place of AWS and of real people. Never packaged; nothing in production imports it."""

"""Who hears of what, by email and in the app, and whether it arrived."""

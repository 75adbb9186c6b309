"""Photos: the page on which they are added, ordered and removed, and the files that are shown."""

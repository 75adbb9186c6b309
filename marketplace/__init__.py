"""The project: settings, URL wiring, the entry points of each runtime, and the kernel that all apps share."""

"""How values are written for people, in the active language: money, times, text that others wrote, sentences."""

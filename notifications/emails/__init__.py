"""Emails: from a letter to SES."""

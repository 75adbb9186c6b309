"""Emails: from a letter to SES, and what SES reports of them."""

"""Pages about one's mails: which kinds come, with an account or by the link in any of them, and mail that came back."""

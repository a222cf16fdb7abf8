"""The pages of the account: getting one, getting in and out, changing it, leaving."""

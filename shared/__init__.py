"""The domain: one room per noun. Knows no HTTP framework, no queue and no scheduler."""

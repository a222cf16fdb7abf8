"""The files of photos, as the blob store has them."""

"""The outside services that we call: mail, blobs, photos. Each has a working local twin, chosen by configuration."""

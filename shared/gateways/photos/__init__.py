"""Uploaded photos made safe and light: decoded apart from this process, re-encoded in fixed widths, metadata gone."""

from shared.gateways.photos.errors import PhotoRejected
from shared.gateways.photos.processing import Limits, ProcessedPhoto, Variant, process

__all__ = ["Limits", "PhotoRejected", "ProcessedPhoto", "Variant", "process"]

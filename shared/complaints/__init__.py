"""Complaints: what people report about listings, threads and messages, kept with whom it is about until staff read it.

The room judges nothing and tells nobody who complained.
"""

from shared.complaints.actions import REASONS, WORDS_LONGEST, complain, export, forget_old
from shared.complaints.models import Complaint

__all__ = ["REASONS", "WORDS_LONGEST", "Complaint", "complain", "export", "forget_old"]

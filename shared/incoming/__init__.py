"""What somebody typed into a mail, read out of its bytes (RFC 5322, MIME): no quotes, no signature, nobody's address.

Knows no thread and no user: whose words they are is never taken from the mail itself.
"""

from shared.incoming.letter import Kind, Letter, Malformed, read

__all__ = ["Kind", "Letter", "Malformed", "read"]

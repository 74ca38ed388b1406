"""Respondent ids: hashes with a key (HMAC, RFC 2104), which do not reveal identifiers."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

DIGITS = 20  # hexadecimal digits: 80 bits, so even a million respondents do not collide by chance


class CollisionError(ValueError):
    """Two identifiers with one hash."""


def keyed_hashes(key: bytes, study: str, identifiers: Sequence[str]) -> list[str]:
    """HMAC-SHA256 over study id, NUL and identifier; 20 hexadecimal digits each.

    The same key gives the same ids in all waves, and other ids in another study. Raises
    CollisionError, without naming anybody, if two different identifiers have the same hash.
    """
    # the key and the study are hashed once
    begun = hmac.new(key, f"{study}\0".encode(), "sha256")
    hashes = []
    for name in identifiers:
        own = begun.copy()
        # an identifier that is not valid UTF-8 (a lone surrogate) gets its own id too
        own.update(name.encode("utf-8", "surrogatepass"))
        hashes.append(own.hexdigest()[:DIGITS])
    if len(set(hashes)) != len(set(identifiers)):
        raise CollisionError(
            f"two respondents of {study} have the same hash of {DIGITS} digits, which does not "
            "happen by chance; use another key (SAMSPIL_KEY_FILE)"
        )
    return hashes

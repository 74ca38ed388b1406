"""Ids of declarations. They become names of files, relations and assets."""

from __future__ import annotations

import re

ID = re.compile(r"[a-z][a-z0-9_]{0,79}")
PART = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
WAVE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
# the name of the relation with counts of invitations
RESERVED = frozenset({"status"})

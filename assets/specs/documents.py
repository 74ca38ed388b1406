"""How declarations are read from YAML: safely, and fast where PyYAML was built with its C part."""

from __future__ import annotations

import yaml

# The same safe loader either way; the C one is six times as fast.
SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

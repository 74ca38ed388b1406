"""The site of a wave: static pages that trace each figure back to the raw column."""

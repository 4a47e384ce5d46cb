"""Makes the demonstration recordings and the small model that understands them. Run by a maintainer, never at set-up."""

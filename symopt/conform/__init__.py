"""Does an implementation conform to a rule? Verification of the catalog, and (to come) of other people's code."""

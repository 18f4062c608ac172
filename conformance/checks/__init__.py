"""The checks: one file per topic, named after the clause it proves."""

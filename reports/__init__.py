"""What a run becomes for a reader. Reads run files only.

`render` writes the page for people, `junit` the file for a build server, `schema` the JSON Schema
of `verdict.json`. All of them read through `source`, which trusts a run directory only if its two
files are whole and agree. The only exception of the package is the run file's own:

    ValueError
      conformance.runfile.RunFileError
"""

"""One use case per file, one public function each."""

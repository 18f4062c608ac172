"""What those who run the hub see of it, and what every answer passes on its way."""

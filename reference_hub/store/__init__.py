"""PostgreSQL: tables, migrations, and one file of queries per aggregate."""

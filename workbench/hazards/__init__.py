"""What a migration may do to the rows and to a running system: pure functions over operations, schema and facts."""

"""What a Workbench can answer; one module a question. None of them imports another."""

"""Single questions to the pipeline's arithmetic."""

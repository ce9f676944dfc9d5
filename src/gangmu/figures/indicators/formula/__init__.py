"""The language of formulas: text → tree → steps. See docs/concepts/formulas.md."""

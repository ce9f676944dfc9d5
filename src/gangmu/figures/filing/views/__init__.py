"""The pages of filing: the standing of the day, one sheet, its history, its submission, corrections, forms."""

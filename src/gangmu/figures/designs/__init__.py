"""Reports designed in Excel: short expressions in a workbook's cells, filled with figures."""

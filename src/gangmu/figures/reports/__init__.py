"""Reports 统计报表: definitions, their content from the cube, pages, workbooks, PDF files, editions, briefs."""

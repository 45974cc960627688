-- How large the log is, and how it grows.
SELECT * FROM pgaudit_py.log_figures()

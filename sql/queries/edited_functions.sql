-- Which of our functions are not as migrate made them.
SELECT name, is_missing FROM pgaudit_py.edited_functions()

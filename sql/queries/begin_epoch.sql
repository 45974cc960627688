-- Tell the transactions of this cluster from those of another one that a dump brought.
SELECT pgaudit_py.begin_epoch()

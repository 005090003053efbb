# kernels: 6.1 7.3
# fleet: yes
# timeout: 300
# image: yes
# files: tests/vm/genl.py tests/vm/t/permissions.py SECURITY.md
# Who may read what: the table of SECURITY.md, row by row.
insmod /listenq.ko && exec python3 /permissions.py

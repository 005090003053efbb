# kernels: 6.1 7.3
# boot: read
# fleet: yes
# timeout: 300
# image: yes
# files: tests/vm/genl.py tests/vm/t/netlink.py
# What the family answers and how it refuses.
insmod /listenq.ko && exec python3 /netlink.py

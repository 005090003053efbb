# kernels: 6.1 7.3
# boot: read
# fleet: yes
# timeout: 300
# image: yes
# files: tests/vm/genl.py tests/vm/t/queues.py
# Known lengths, limits and waits, through netlink, debugfs and tool.
insmod /listenq.ko && exec python3 /queues.py

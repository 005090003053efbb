# kernels: 6.1 7.3
# boot: track
# cpus: 1 2
# mem: 768
# timeout: 400
# image: yes
# files: tests/vm/genl.py tests/vm/t/track_lib.py tests/vm/t/track_all.py
# All causes at once over 20 kinds of listeners: the sums are the kernel's.
insmod /listenq.ko && exec python3 /track_all.py

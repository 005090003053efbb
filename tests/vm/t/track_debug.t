# kernels: memory locking race
# boot: load
# cpus: 2
# mem: 1024
# timeout: 900
# image: yes
# args: kcsan.early_enable=1
# files: tests/vm/genl.py tests/vm/t/track_lib.py tests/vm/t/track.py
# Drops by cause again, fewer of them, where somebody looks over our shoulder.
insmod /listenq.ko && exec python3 /track.py 100

# kernels: 6.1 7.3
# boot: poison
# fleet: yes
# timeout: 300
# image: yes
# files: tests/vm/genl.py tests/vm/t/poison.py
# args: slub_debug=P init_on_alloc=0 init_on_free=0
# Every byte of every answer was written: memory comes poisoned, and none shows.
insmod /listenq.ko && exec python3 /poison.py

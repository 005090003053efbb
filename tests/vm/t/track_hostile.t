# kernels: 6.1 7.3
# boot: load
# cpus: 2
# mem: 1536
# timeout: 400
# image: yes
# files: tests/vm/genl.py tests/vm/t/track_lib.py tests/vm/t/track_hostile.py
# A container that opens more listeners than anybody has room for.
insmod /listenq.ko && exec python3 /track_hostile.py 100000

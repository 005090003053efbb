# kernels: 6.1 7.3
# boot: track
# fleet: yes
# cpus: 1 2
# mem: 768
# timeout: 300
# image: yes
# files: tests/vm/genl.py tests/vm/t/track_lib.py tests/vm/t/track.py
# Drops by cause, exactly as the kernel counts them.
insmod /listenq.ko && exec python3 /track.py

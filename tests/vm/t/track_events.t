# kernels: 6.1 7.3
# boot: track
# cpus: 1 2
# mem: 768
# timeout: 300
# image: yes
# files: tests/vm/genl.py tests/vm/t/track_lib.py tests/vm/t/track_events.py
# Events: none is lost in silence, none costs more than the token bucket has.
insmod /listenq.ko && exec python3 /track_events.py
